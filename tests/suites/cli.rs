//! The command line against a real platform: what it prints where, and its exit codes.

mod manifest;

use domain::Action;
use harness::{Platform, Project, Ran, command, guest, guest_path};
use serde_json::Value;

async fn demo() -> (Project, String) {
    let platform = Platform::start().await;
    let project = platform.project("demo").with_owner("ada").create().await;
    let secret = project.token("ada").await;
    (project, secret)
}

fn hello() -> String {
    guest_path("hello").display().to_string()
}

#[tokio::test]
async fn deploy_prints_the_address_and_the_next_command() {
    let (project, secret) = demo().await;
    let ran = project.run(&secret, &["deploy", &hello(), "--message", "first"]).await.expect(0);
    let port = project.platform().data_port();
    assert_eq!(ran.stdout, format!("http://demo.localhost:{port}/hello/{{*rest}}\n"));
    for said in
        ["Uploaded", "v1 is ready: WASI 0.2; received", "compiled", "Deployment 1 is live: v1", "next: dormouse"]
    {
        assert!(ran.stderr.contains(said), "{said} is missing: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains('\u{1b}'), "colour without a terminal: {}", ran.stderr);
    assert_eq!(project.fetch("/hello/").await.status(), 200);
}

#[tokio::test]
async fn deploy_and_versions_tell_what_instances_begin_with() {
    let (project, secret) = demo().await;
    let heavy = guest_path("heavy").display().to_string();
    let ran = project.run(&secret, &["deploy", &heavy]).await.expect(0);
    for said in ["snapshotted", "starts from a snapshot: saves", "of init, holds 1.3 MiB"] {
        assert!(ran.stderr.contains(said), "{said} is missing: {}", ran.stderr);
    }
    let listed = project.run(&secret, &["versions", "--function", "heavy"]).await.expect(0).stdout;
    assert!(listed.contains("START") && listed.contains("snapshot"), "{listed}");
}

#[tokio::test]
async fn json_is_the_apis_own_shape_and_alone_on_standard_output() {
    let (project, secret) = demo().await;
    let deployed = project.run(&secret, &["deploy", &hello(), "--json"]).await.expect(0);
    assert_eq!(deployed.stderr, "");
    let deployed: Value = deployed.json();
    let version: wire::Version = serde_json::from_value(deployed["version"].clone()).unwrap();
    let deployment: wire::Deployment = serde_json::from_value(deployed["deployment"].clone()).unwrap();
    assert_eq!((version.number, deployment.number, deployment.live), (1, 1, true));
    let versions: wire::Page<wire::Version> = project.run(&secret, &["versions", "--json"]).await.expect(0).json();
    assert_eq!(versions.items.first().map(|version| version.number), Some(1));
    let whoami: wire::Whoami = project.run(&secret, &["whoami", "--json"]).await.expect(0).json();
    assert_eq!(whoami.projects.first().map(|project| project.name.as_str()), Some("demo"));
    let missing = project.run(&secret, &["versions", "--function", "nothing", "--json"]).await.expect(3);
    let problem: wire::Problem = serde_json::from_str(&missing.stderr).unwrap();
    assert_eq!((problem.status, problem.code.as_str(), missing.stdout.as_str()), (404, "not-found", ""));
}

#[tokio::test]
async fn deploy_says_what_the_version_runs_with_and_keeps_it() {
    let (project, secret) = demo().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("configuration.json");
    std::fs::write(&file, r#"{ "variables": { "COLOUR": "grey" }, "allowed_outbound_hosts": ["http://a.example"] }"#)
        .unwrap();
    let hello = hello();
    let deploy = async |more: &[&str]| -> wire::Configuration {
        let arguments = [&["deploy", &hello, "--json"], more].concat();
        let deployed: Value = project.run(&secret, &arguments).await.expect(0).json();
        serde_json::from_value(deployed["version"]["configuration"].clone()).unwrap()
    };
    let hosts = |configuration: &wire::Configuration| {
        configuration.allowed_outbound_hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    let first = deploy(&["--allow-outbound", "https://API.example.com:443"]).await;
    assert_eq!(hosts(&first), "https://api.example.com");
    let from_file = deploy(&["--configuration", file.to_str().unwrap()]).await;
    assert_eq!((hosts(&from_file).as_str(), from_file.variables["COLOUR"].as_str()), ("http://a.example", "grey"));
    let both = deploy(&["--allow-outbound", "https://b.example", "--allow-outbound", "https://c.example"]).await;
    assert_eq!((hosts(&both).as_str(), &both.variables), ("https://b.example https://c.example", &from_file.variables));
    assert_eq!(deploy(&[]).await, both);
    let instances = |configuration: &wire::Configuration| {
        (configuration.provisioned, configuration.reuse.map(|reuse| (reuse.max_reuse, reuse.idle_timeout_ms)))
    };
    let ready = deploy(&["--provisioned", "2", "--max-reuse", "50"]).await;
    assert_eq!((hosts(&ready).as_str(), instances(&ready)), (hosts(&both).as_str(), (2, Some((50, 10_000)))));
    let fresh = deploy(&["--max-reuse", "1"]).await;
    assert_eq!(instances(&fresh), (2, None));
    let refused = project.run(&secret, &["deploy", &hello, "--provisioned", "101"]).await.expect(2);
    assert!(refused.stderr.contains("provisioned") && refused.stderr.contains("use 0 to 100"), "{}", refused.stderr);
    let refused = project.run(&secret, &["deploy", &hello, "--allow-outbound", "b.example"]).await.expect(2);
    assert!(refused.stderr.contains("such as https://api.example.com"), "{}", refused.stderr);
    std::fs::write(&file, r#"{ "variable": {} }"#).unwrap();
    let refused = project.run(&secret, &["deploy", &hello, "--configuration", file.to_str().unwrap()]).await.expect(2);
    assert!(
        refused.stderr.contains("configuration.json") && refused.stderr.contains("variables"),
        "{}",
        refused.stderr
    );
}

#[tokio::test]
async fn traffic_moves_with_promote_split_and_rollback() {
    let (project, secret) = demo().await;
    let run = |arguments: &'static [&'static str]| project.run(&secret, arguments);
    let hello = hello();
    let _ = project.run(&secret, &["deploy", &hello]).await.expect(0);
    let ran = project.run(&secret, &["deploy", &hello, "--no-promote"]).await.expect(0);
    assert!(ran.stdout.starts_with("http://v2--hello.demo.localhost:"), "{}", ran.stdout);
    assert_eq!(project.fetch("/hello/").await.header("dormouse-version"), "v1");

    let ran = run(&["promote", "v2", "--message", "it works"]).await.expect(0);
    assert!(ran.stderr.contains("Deployment 2 is live: v2"), "{}", ran.stderr);
    assert_eq!(project.fetch("/hello/").await.header("dormouse-version"), "v2");

    let ran = run(&["split", "v1=90", "v2=10"]).await.expect(0);
    assert!(ran.stderr.contains("Deployment 3 is live: v1 90 %, v2 10 %"), "{}", ran.stderr);

    let ran = run(&["rollback", "1", "--message", "enough"]).await.expect(0);
    assert!(ran.stderr.contains("From deployment 3 to what deployment 1 was:"), "{}", ran.stderr);
    assert!(ran.stderr.contains("Deployment 4 is live: v1"), "{}", ran.stderr);
    assert_eq!(project.fetch("/hello/").await.header("dormouse-version"), "v1");

    let listed = run(&["deployments"]).await.expect(0);
    let rows: Vec<&str> = listed.stdout.lines().collect();
    assert_eq!(rows.len(), 5, "{listed:#?}");
    assert!(rows[1].starts_with('4') && rows[1].contains("live") && rows[1].contains("enough (rolled back to 1)"));
    assert!(rows[3].starts_with('2') && rows[3].contains("it works"), "{listed:#?}");
}

#[tokio::test]
async fn a_share_of_the_traffic_goes_to_a_new_version() {
    let (project, secret) = demo().await;
    let _ = project.run(&secret, &["deploy", &hello()]).await.expect(0);
    let ran = project.run(&secret, &["deploy", &hello(), "--weight", "10"]).await.expect(0);
    assert!(ran.stderr.contains("Deployment 2 is live: v1 90 %, v2 10 %"), "{}", ran.stderr);
    assert!(ran.stderr.contains("next: dormouse promote v2 --function hello"), "{}", ran.stderr);
    let ran = project.run(&secret, &["deploy", &hello(), "--weight", "10"]).await.expect(2);
    assert!(ran.stderr.contains("divided already"), "{}", ran.stderr);
}

#[tokio::test]
async fn invoke_shows_the_answer_and_fails_where_the_function_does() {
    let (project, secret) = demo().await;
    let _ = project.run(&secret, &["deploy", &hello()]).await.expect(0);
    let direct = project.fetch("/hello/ada").await;
    let ran = project.run(&secret, &["invoke", "GET", "/hello/ada"]).await.expect(0);
    assert_eq!(ran.stdout.trim_end(), direct.text().trim_end());
    assert!(ran.stderr.contains("200 from v1 in"), "{}", ran.stderr);
    let answer: wire::InvokeAnswer = project.run(&secret, &["invoke", "/hello/", "--json"]).await.expect(0).json();
    assert_eq!((answer.status, answer.version), (200, 1));

    let owner = project.acting_as("ada");
    let _ = owner.upload("trap", guest("trap")).await;
    let ran = project.run(&secret, &["invoke", "--function", "trap", "--version", "v1", "/"]).await.expect(1);
    assert!(ran.stderr.contains("the invocation inv_"), "{}", ran.stderr);
}

#[tokio::test]
async fn tokens_are_made_listed_and_revoked() {
    let (project, secret) = demo().await;
    let made = project.run(&secret, &["tokens", "create", "laptop", "--expires-in", "12h"]).await.expect(0);
    let laptop = made.stdout.trim_end();
    assert!(laptop.starts_with("dm_") && laptop.len() == 67, "{made:?}");
    assert!(!made.stderr.contains(laptop), "the secret belongs on standard output alone");
    let whoami = project.run(laptop, &["whoami"]).await.expect(0);
    assert!(whoami.stdout.contains("version:create") && !whoami.stdout.contains("token:manage"), "{whoami:?}");

    let listed: wire::Page<wire::Token> = project.run(&secret, &["tokens", "list", "--json"]).await.expect(0).json();
    let id = &listed.items.iter().find(|token| token.name == "laptop").unwrap().id;
    let _ = project.run(&secret, &["tokens", "revoke", id]).await.expect(0);
    let ran = project.run(laptop, &["whoami"]).await.expect(4);
    assert!(ran.stderr.contains("DORMOUSE_TOKEN"), "{}", ran.stderr);
}

#[tokio::test]
async fn limits_are_shown_and_changed() {
    let (project, secret) = demo().await;
    let shown = project.run(&secret, &["limits"]).await.expect(0);
    assert!(shown.stdout.lines().any(|line| line.starts_with("memory_mib") && line.contains("4096")), "{shown:#?}");
    assert!(shown.stderr.contains("runs at most 200 invocations at once"), "{shown:#?}");
    let changed =
        project.run(&secret, &["limits", "memory_mib=256", "project_concurrency=20", "--json"]).await.expect(0);
    let ceiling = changed.json::<wire::Project>().ceiling;
    assert_eq!((ceiling.memory_mib, ceiling.project_concurrency, ceiling.cpu_ms), (Some(256), Some(20), Some(900_000)));
    for (wrong, why) in [("memory_mib", "name and a figure"), ("memory=1", "is no limit"), ("cpu_ms=x", "whole number")]
    {
        let ran = project.run(&secret, &["limits", wrong]).await.expect(2);
        assert!(ran.stderr.contains(why), "{ran:#?}");
    }
    let ran = project.run(&secret, &["limits", "memory_mib=9999"]).await.expect(1);
    assert!(ran.stderr.contains("ceiling.memory_mib") && ran.stderr.contains("1 to 4096"), "{ran:#?}");
}

#[tokio::test]
async fn exit_codes_tell_scripts_what_happened() {
    let (project, secret) = demo().await;
    let folder = project.platform().stage();
    std::fs::write(folder.join("text.wasm"), "not wasm at all").unwrap();

    let refused = project.run(&secret, &["deploy", "text.wasm", "--function", "hello"]).await.expect(6);
    assert!(refused.stderr.contains("not-wasm"), "{}", refused.stderr);
    let unready = project.run(&secret, &["promote", "v1", "--function", "hello"]).await.expect(5);
    assert!(unready.stderr.contains("version-not-ready") && unready.stderr.contains("request req_"), "{unready:?}");
    let _ = project.run(&secret, &["rollback", "--function", "hello"]).await.expect(5);
    let _ = project.run(&secret, &["deploy", "missing.wasm"]).await.expect(1);
    let _ = project.run(&secret, &["split", "v1=50", "v2=40", "--function", "hello"]).await.expect(2);
    let _ = project.run(&secret, &["promote", "newest"]).await.expect(2);
    let _ = project.run(&secret, &["versions", "--function", "nothing"]).await.expect(3);
    let _ = project.run(&secret, &["versions", "--project", "elsewhere", "--function", "hello"]).await.expect(3);
    let _ = project.run(&format!("dm_{}", "0".repeat(64)), &["whoami"]).await.expect(4);
    let reader = project.acting_as("ada").create_token("reader", &[Action::ProjectRead, Action::FunctionRead]).await;
    let forbidden = project.run(&reader, &["deploy", &hello()]).await.expect(4);
    assert!(forbidden.stderr.contains("forbidden"), "{}", forbidden.stderr);

    let mut nobody = command();
    nobody.arg("whoami").env("DORMOUSE_URL", project.platform().ready().control);
    assert!(Ran::of(nobody).await.expect(4).stderr.contains("no token was given"));
    let mut unreachable = command();
    unreachable.args(["whoami", "--token", "dm_x", "--url", "http://127.0.0.1:1"]);
    assert!(Ran::of(unreachable).await.expect(7).stderr.contains("cannot reach the platform"));
}

#[tokio::test]
async fn the_only_project_and_function_need_no_name() {
    let (project, secret) = demo().await;
    let _ = project.run(&secret, &["deploy", &hello()]).await.expect(0);
    let mut nameless = command();
    nameless.arg("versions").env("DORMOUSE_URL", project.platform().ready().control).env("DORMOUSE_TOKEN", &secret);
    assert!(Ran::of(nameless).await.expect(0).stdout.contains("v1"));
    let _ = project.run(&secret, &["deploy", &hello(), "--function", "other"]).await.expect(0);
    let ran = project.run(&secret, &["versions"]).await.expect(2);
    assert!(ran.stderr.contains("--function: hello, other") || ran.stderr.contains("--function: other, hello"));
}

#[tokio::test]
async fn doctor_finds_a_healthy_platform_healthy() {
    let (project, secret) = demo().await;
    // Whether this machine resolves names below localhost is not the platform's doing.
    let ran = project.run(&secret, &["doctor"]).await;
    assert!(ran.code == 0 || ran.stdout.contains("bad  functions: "), "{ran:#?}");
    for check in ["platform", "clock", "version", "token", "project"] {
        assert!(ran.stdout.contains(&format!("ok   {check}: ")), "{ran:#?}");
    }
    let ran = project.run("dm_wrong", &["doctor"]).await.expect(4);
    assert!(ran.stdout.contains("ok   platform: ") && ran.stdout.contains("bad  token: "), "{ran:#?}");
}

#[tokio::test]
async fn completions_know_every_verb() {
    let mut bash = command();
    bash.args(["completions", "bash"]);
    let script = Ran::of(bash).await.expect(0).stdout;
    for verb in ["deploy", "rollback", "tokens", "serve"] {
        assert!(script.contains(verb), "{verb} is missing");
    }
}

#[tokio::test]
async fn a_component_over_the_limit_is_refused_as_one() {
    let platform = Platform::builder().argument("--max-upload-bytes").argument("100000").start().await;
    let project = platform.project("demo").with_owner("ada").create().await;
    let secret = project.token("ada").await;
    std::fs::write(platform.stage().join("big.wasm"), vec![0; 5 << 20]).unwrap();
    let ran = project.run(&secret, &["deploy", "big.wasm"]).await.expect(6);
    assert!(ran.stderr.contains("too-large"), "{}", ran.stderr);
}

#[tokio::test]
async fn a_queue_is_filled_looked_at_redriven_and_emptied() {
    let (project, secret) = demo().await;
    let run = |arguments: &'static [&'static str]| project.run(&secret, arguments);
    let _ = run(&["queue", "create", "letters"]).await.expect(0);
    let made: wire::Queue =
        run(&["queue", "create", "orders", "--retention", "1h", "--dead-letter-queue", "letters", "--json"])
            .await
            .expect(0)
            .json();
    assert_eq!((made.retention_s, made.dead_letter_queue.as_deref()), (3_600, Some("letters")));
    let sent = run(&["queue", "send", "orders", "hello", "--attribute", "colour=grey", "--group", "a"]).await.expect(0);
    assert!(sent.stdout.starts_with("msg_"), "{}", sent.stdout);
    let page: wire::Page<wire::QueueMessage> = run(&["queue", "peek", "orders", "--json"]).await.expect(0).json();
    let message = &page.items[0];
    assert_eq!((message.id.as_str(), message.body.as_str()), (sent.stdout.trim(), "hello"));
    assert_eq!((message.attributes["colour"].as_str(), message.group.as_deref()), ("grey", Some("a")));
    let listed = run(&["queue", "list"]).await.expect(0).stdout;
    assert!(listed.contains("MESSAGES") && listed.contains("letters"), "{listed}");
    let _ = run(&["queue", "pause", "orders"]).await.expect(0);
    assert!(run(&["queue", "show", "orders"]).await.expect(0).stdout.contains("paused"));
    let _ = run(&["queue", "resume", "orders"]).await.expect(0);
    let moved = run(&["queue", "redrive", "orders", "--to", "letters", "--rate", "1000"]).await.expect(0);
    assert!(moved.stderr.contains("1 of 1 messages moved"), "{}", moved.stderr);
    let _ = run(&["queue", "delete", "letters"]).await.expect(5);
    let _ = run(&["queue", "purge", "letters", "--confirm", "orders"]).await.expect(1);
    let purged = run(&["queue", "purge", "letters", "--confirm", "letters"]).await.expect(0);
    assert!(purged.stderr.contains("1 messages of letters are deleted"), "{}", purged.stderr);
    let _ = run(&["queue", "delete", "orders"]).await.expect(0);
    let _ = run(&["queue", "show", "orders"]).await.expect(3);
}

#[tokio::test]
async fn a_call_for_later_prints_its_id_and_tells_how_it_stands() {
    let (project, secret) = demo().await;
    let poison = guest_path("poison").display().to_string();
    project.run(&secret, &["deploy", &poison, "--function", "worker"]).await.expect(0);
    let made = project.run(&secret, &["invoke", "--async", "--data", "trap"]).await.expect(0);
    let id = made.stdout.trim_end();
    assert!(id.starts_with("inv_") && made.stderr.contains("on disk"), "{made:?}");
    let mut call: wire::Call = project.run(&secret, &["calls", "show", id, "--json"]).await.expect(0).json();
    while call.error.is_none() {
        call = project.run(&secret, &["calls", "show", id, "--json"]).await.expect(0).json();
    }
    let listed = project.run(&secret, &["calls", "list"]).await.expect(0).stdout;
    assert!(listed.contains(id) && listed.contains("pending"), "{listed}");
    let cancelled = project.run(&secret, &["calls", "cancel", id]).await.expect(0);
    assert!(cancelled.stderr.contains("is cancelled; it began once"), "{cancelled:?}");
    project.run(&secret, &["calls", "cancel", id]).await.expect(5);
    let told = project.run(&secret, &["invoke", "--async", "GET", "/"]).await.expect(2);
    assert!(told.stderr.contains("--async"), "{told:?}");
}

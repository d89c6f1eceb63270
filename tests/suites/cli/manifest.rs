//! `dormouse deploy` from a manifest against a real platform, and what stands around it.

use std::path::Path;

use harness::{Ran, command, guest_path, repository};
use serde_json::Value;

use super::demo;

/// A manifest with the function hello, whose component lies beside it, and `more` lines.
fn manifest(folder: &Path, more: &str) -> String {
    std::fs::copy(guest_path("hello"), folder.join("hello.wasm")).unwrap();
    let file = folder.join("dormouse.toml");
    std::fs::write(&file, format!("schema = 1\n[function.hello]\ncomponent = \"hello.wasm\"\n{more}\n")).unwrap();
    file.display().to_string()
}

#[tokio::test]
async fn a_manifest_is_planned_deployed_and_then_what_the_platform_has() {
    let (project, secret) = demo().await;
    let folder = tempfile::tempdir().unwrap();
    let http = "[[function.hello.http]]\npath = \"/greet/{name}\"\n";
    let file = manifest(folder.path(), &format!("variables = {{ COLOUR = \"grey\" }}\n{http}"));
    let run = async |more: &[&str]| project.run(&secret, &[&["deploy", "--manifest", &file], more].concat()).await;

    let planned = run(&["--plan"]).await.expect(0);
    for said in
        ["+ function hello is created", "variables.COLOUR: nothing → \"grey\"", "+ http any method /greet/{name}"]
    {
        assert!(planned.stdout.contains(said), "{said} is missing: {}", planned.stdout);
    }
    let _ = project.run(&secret, &["versions", "--function", "hello"]).await.expect(3);

    let deployed = run(&["--message", "first"]).await.expect(0);
    assert!(deployed.stdout.ends_with("/greet/{name}\n"), "{deployed:#?}");
    assert_eq!(project.fetch("/greet/ada").await.expect(200).header("dormouse-version"), "v1");

    let same = run(&["--plan"]).await.expect(0);
    assert!(same.stdout.contains("= function hello stays as it is"), "{same:#?}");
    let again = run(&["--json"]).await.expect(0).json::<Value>();
    assert_eq!(again["functions"][0]["deployment"], Value::Null, "{again:#}");
}

#[tokio::test]
async fn a_component_that_is_there_is_not_uploaded_again() {
    let (project, secret) = demo().await;
    let folder = tempfile::tempdir().unwrap();
    let file = manifest(folder.path(), "");
    let deploy = async |more: &[&str]| project.run(&secret, &[&["deploy", "--manifest", &file], more].concat()).await;
    let first = deploy(&[]).await.expect(0);
    assert!(first.stderr.contains("Uploaded"), "{first:#?}");

    manifest(folder.path(), "memory_mib = 64\n[[function.hello.http]]\npath = \"/other\"");
    let planned: Value = deploy(&["--plan", "--json"]).await.expect(0).json();
    let plan = &planned["functions"][0];
    assert_eq!((plan["version"]["from"].as_str(), plan["version"]["version"].as_u64()), (Some("reconfigure"), Some(1)));
    assert_eq!(plan["configuration"][0]["field"], "memory_mib");
    let second = deploy(&[]).await.expect(0);
    assert!(!second.stderr.contains("Uploaded") && second.stderr.contains("Deployment 2 is live: v2"), "{second:#?}");
    let version: wire::Version = project.acting_as("ada").get("/functions/hello/versions/2").await.expect(200).parse();
    assert_eq!((version.configuration.limits.memory_mib, version.source), (64, wire::Source::Cli));
    assert_eq!(project.fetch("/other").await.status(), 200);

    manifest(folder.path(), "");
    let back = deploy(&[]).await.expect(0);
    assert!(back.stderr.contains("v1 is what the manifest asks for; nothing is uploaded"), "{back:#?}");
    assert_eq!(project.fetch("/other").await.status(), 404);
}

#[tokio::test]
async fn a_manifests_queues_are_created_with_their_dead_letter_queues_and_changed() {
    let (project, secret) = demo().await;
    let folder = tempfile::tempdir().unwrap();
    let queue = |retention_s: u32| format!("[queue.orders]\nretention_s = {retention_s}\ndead_letter_queue = \"lost\"");
    let file = manifest(folder.path(), &queue(3_600));
    let run = async |more: &[&str]| project.run(&secret, &[&["deploy", "--manifest", &file], more].concat()).await;
    let planned = run(&["--plan"]).await.expect(0).stdout;
    assert!(planned.contains("+ queue lost is created") && planned.contains("+ queue orders is created"), "{planned}");
    let owner = project.acting_as("ada");
    assert_eq!(owner.get("/queues/orders").await.status(), 404);
    let _ = run(&[]).await.expect(0);
    let orders = async || owner.get("/queues/orders").await.expect(200).parse::<wire::Queue>();
    assert_eq!((orders().await.retention_s, orders().await.dead_letter_queue.as_deref()), (3_600, Some("lost")));
    manifest(folder.path(), &queue(7_200));
    let planned = run(&["--plan"]).await.expect(0).stdout;
    assert!(planned.contains("retention_s: 3600 → 7200") && planned.contains("= queue lost stays"), "{planned}");
    let _ = run(&[]).await.expect(0);
    assert_eq!(orders().await.retention_s, 7_200);
}

#[tokio::test]
async fn a_newer_version_of_a_secret_is_a_reason_to_deploy() {
    let (project, secret) = demo().await;
    let folder = tempfile::tempdir().unwrap();
    let file = manifest(folder.path(), "secrets = [\"API_KEY\"]");
    let run = async |more: &[&str]| project.run(&secret, &[&["deploy", "--manifest", &file], more].concat()).await;
    let owner = project.acting_as("ada");
    let write = async |value: &str| {
        let body = serde_json::json!({ "value": value });
        let _ = owner.request(http::Method::PUT, "/secrets/API_KEY").json(&body).send().await.expect(201);
    };
    write("one").await;
    let _ = run(&[]).await.expect(0);
    let same = run(&["--plan"]).await.expect(0);
    assert!(same.stdout.contains("= function hello stays as it is"), "{same:#?}");
    write("two").await;
    let planned = run(&["--plan"]).await.expect(0);
    assert!(planned.stdout.contains("API_KEY: 1 → 2"), "{planned:#?}");
    let _ = run(&[]).await.expect(0);
    let live: wire::Deployment = owner.get("/functions/hello/deployments/live").await.expect(200).parse();
    assert_eq!(live.secrets["API_KEY"], 2);
}

#[tokio::test]
async fn nothing_goes_live_while_one_of_the_components_is_refused() {
    let (project, secret) = demo().await;
    let folder = tempfile::tempdir().unwrap();
    let more = "[[function.hello.http]]\npath = \"/hello\"\n[function.wrong]\ncomponent = \"wrong.wasm\"";
    let file = manifest(folder.path(), more);
    std::fs::write(folder.path().join("wrong.wasm"), "no component").unwrap();
    let ran = project.run(&secret, &["deploy", "--manifest", &file]).await.expect(6);
    assert!(ran.stderr.contains("not-wasm"), "{ran:#?}");
    assert_eq!(project.fetch("/hello").await.status(), 404);
    let only = project.run(&secret, &["deploy", "--manifest", &file, "--function", "hello"]).await.expect(0);
    assert!(only.stderr.contains("nothing is uploaded"), "{only:#?}");
    assert_eq!(project.fetch("/hello").await.status(), 200);
    let missing = project.run(&secret, &["deploy", "--manifest", &file, "--function", "other"]).await.expect(2);
    assert!(missing.stderr.contains("it has hello, wrong"), "{missing:#?}");
}

#[tokio::test]
async fn a_wrong_manifest_is_told_by_line_and_exits_with_2() {
    let (project, secret) = demo().await;
    let folder = tempfile::tempdir().unwrap();
    let file = manifest(folder.path(), "memory_mb = 64\ncpu_ms = 0");
    let ran = project.run(&secret, &["deploy", "--manifest", &file]).await.expect(2);
    assert!(
        ran.stderr.contains("line 4: function.hello.memory_mb is not a key here; the nearest is memory_mib"),
        "{ran:#?}"
    );
    assert!(ran.stderr.contains("line 5: function.hello.cpu_ms is 0; use 1 to 900000"), "{ran:#?}");
    let told = project.run(&secret, &["manifest", "check", &file, "--json"]).await.expect(2);
    let told: Value = serde_json::from_str(&told.stderr).unwrap();
    assert_eq!(
        (told["errors"][1]["line"].as_u64(), told["errors"][1]["field"].as_str()),
        (Some(5), Some("function.hello.cpu_ms"))
    );
    let none = project.run(&secret, &["deploy"]).await.expect(2);
    assert!(none.stderr.contains("no dormouse.toml") && none.stderr.contains("dormouse init"), "{none:#?}");
    let unmade =
        manifest(folder.path(), "[function.other]\ncomponent = \"none.wasm\"\nbuild = \"cp hello.wasm none.wasm\"");
    let ran = project.run(&secret, &["deploy", "--plan", "--manifest", &unmade]).await.expect(1);
    assert!(ran.stderr.contains("dormouse build"), "{ran:#?}");
    let built = project.run(&secret, &["deploy", "--build", "--plan", "--manifest", &unmade]).await.expect(0);
    assert!(built.stdout.contains("+ function other"), "{built:#?}");
}

#[tokio::test]
async fn init_writes_a_manifest_that_can_be_deployed_and_never_over_another() {
    let (project, secret) = demo().await;
    std::fs::copy(guest_path("hello"), project.platform().stage().join("hello.wasm")).unwrap();
    let _ = project.run(&secret, &["init", "hello"]).await.expect(0);
    let _ = project.run(&secret, &["deploy"]).await.expect(0);
    assert_eq!(project.fetch("/hello/").await.status(), 200);
    let again = project.run(&secret, &["init", "hello"]).await.expect(5);
    assert!(again.stderr.contains("nothing was written"), "{again:#?}");
    let schema: Value = project.run(&secret, &["manifest", "schema"]).await.expect(0).json();
    assert_eq!(schema["title"], "dormouse.toml");
}

#[tokio::test]
async fn the_readmes_manifest_is_one() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let example = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dormouse.toml");
    std::fs::write(&file, example).unwrap();
    let mut check = command();
    check.args(["manifest", "check"]).arg(&file);
    assert!(Ran::of(check).await.expect(0).stderr.contains("1 function"));
}

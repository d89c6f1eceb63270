//! A project's ceiling: who reads and changes it, what it refuses, and what it leaves alone.

use harness::{Actor, Answer, Platform, Project, guest};
use http::Method;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use super::stage::{demo, demo_on, fields};

async fn change(actor: &Actor, ceiling: Value) -> Answer {
    actor.patch("", json!({ "ceiling": ceiling })).await
}

/// Uploads the guest `hostile` as the next version of `function` with these limits.
async fn upload(actor: &Actor, function: &str, limits: Value) -> Answer {
    actor.try_upload_with(function, &guest("hostile"), &json!({ "limits": limits })).await
}

/// Begins an answer of version 1 of `hostile` that stays open.
async fn held(project: &Project) -> http::Response<hyper::body::Incoming> {
    let mut answer = project.preview("hostile", 1, Method::GET, "/stall").open().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.frame().await.unwrap().unwrap().into_data().unwrap(), "begun\n");
    answer
}

#[tokio::test]
async fn a_ceiling_says_every_figure_and_changes_one_by_one() {
    let (project, ada) = demo().await;
    let ceiling = async || ada.get("").await.expect(200).parse::<wire::Project>().ceiling;
    let first = ceiling().await;
    assert_eq!(first.project_concurrency, Some(200));
    for (limit, most) in first.values() {
        assert_eq!(most, Some(limit.most), "{}", limit.name);
    }
    let changed: wire::Project = change(&ada, json!({ "memory_mib": 256 })).await.expect(200).parse();
    assert_eq!(changed.ceiling, wire::Ceiling { memory_mib: Some(256), ..first.clone() });
    change(&ada, json!({ "cpu_ms": 1_000, "project_concurrency": 7 })).await.expect(200);
    let both = wire::Ceiling { memory_mib: Some(256), cpu_ms: Some(1_000), project_concurrency: Some(7), ..first };
    assert_eq!(ceiling().await, both);
    project.platform().restart().await;
    assert_eq!(ceiling().await, both);
}

#[tokio::test]
async fn a_figure_out_of_its_bounds_is_named() {
    let (_, ada) = demo().await;
    for (ceiling, field) in [
        (json!({ "memory_mib": 0 }), "ceiling.memory_mib"),
        (json!({ "memory_mib": 4_097 }), "ceiling.memory_mib"),
        (json!({ "cpu_ms": 0 }), "ceiling.cpu_ms"),
        (json!({ "project_concurrency": 201 }), "ceiling.project_concurrency"),
        (json!({ "project_concurrency": 0 }), "ceiling.project_concurrency"),
        (json!({ "colour": 1 }), "ceiling.colour"),
        (json!({ "handles": -1 }), "ceiling.handles"),
    ] {
        assert_eq!(fields(&change(&ada, ceiling.clone()).await.expect(422)), [field], "{ceiling}");
    }
    assert_eq!(fields(&ada.patch("", json!({})).await.expect(422)), ["body"]);
}

#[tokio::test]
async fn nobody_overwrites_a_ceiling_that_they_have_not_seen() {
    let (_, ada) = demo().await;
    let set = async |tag: &str, memory_mib: u32| {
        let request = ada.request(Method::PATCH, "").header("if-match", tag);
        request.json(&json!({ "ceiling": { "memory_mib": memory_mib } })).send().await
    };
    let old = ada.get("").await.expect(200).header("etag").to_owned();
    let changed = set(&old, 64).await.expect(200);
    assert_eq!(set(&old, 32).await.expect(412).problem().code, "precondition-failed");
    let now = ada.get("").await.expect(200);
    assert_eq!(now.header("etag"), changed.header("etag"));
    assert_eq!(now.parse::<wire::Project>().ceiling.memory_mib, Some(64));
    set(changed.header("etag"), 32).await.expect(200);
}

#[tokio::test]
async fn limits_over_the_ceiling_are_refused_with_the_way_out() {
    let (_, ada) = demo().await;
    change(&ada, json!({ "memory_mib": 64, "cpu_ms": 500 })).await.expect(200);
    let refused = upload(&ada, "hostile", json!({ "memory_mib": 65, "cpu_ms": 501, "timeout_ms": 900_000 })).await;
    assert_eq!(fields(&refused), ["limits.memory_mib", "limits.cpu_ms"]);
    for error in refused.expect(422).problem().errors {
        assert!(error.message.contains("ceiling is") && error.message.contains("have an owner raise"), "{error:?}");
    }
    assert!(ada.get("/functions").await.items().is_empty(), "a refused upload leaves nothing");
    upload(&ada, "hostile", json!({ "memory_mib": 64, "cpu_ms": 500 })).await.expect(201);
    let first: wire::Version = ada.try_upload("plain", guest("hello")).await.expect(201).parse();
    let limits = first.configuration.limits;
    assert_eq!((limits.memory_mib, limits.cpu_ms, limits.timeout_ms), (64, 500, 30_000), "the defaults, lowered");
}

#[tokio::test]
async fn versions_keep_their_limits_when_the_ceiling_sinks_below_them() {
    let (project, ada) = demo().await;
    upload(&ada, "hostile", json!({ "memory_mib": 100 })).await.expect(201);
    ada.deploy("hostile", 1).await;
    change(&ada, json!({ "memory_mib": 64 })).await.expect(200);
    project.preview("hostile", 1, Method::GET, "/headers").send().await.expect(200);
    ada.deploy("hostile", 1).await;
    project.platform().restart().await;
    project.preview("hostile", 1, Method::GET, "/headers").send().await.expect(200);
    // A version without a configuration has that of the one before, which is over the ceiling now.
    let refused = ada.try_upload("hostile", guest("hostile")).await;
    assert_eq!(fields(&refused.expect(422)), ["limits.memory_mib"]);
    upload(&ada, "hostile", json!({ "memory_mib": 64 })).await.expect(201);
}

#[tokio::test]
async fn how_much_a_project_runs_at_once_changes_at_once() {
    let (project, ada) = demo().await;
    ada.upload("hostile", guest("hostile")).await;
    let ask = async || project.preview("hostile", 1, Method::GET, "/headers").send().await;
    change(&ada, json!({ "project_concurrency": 1 })).await.expect(200);
    let first = held(&project).await;
    let refused = ask().await.expect(429);
    assert_eq!((refused.problem().code.as_str(), refused.header("retry-after")), ("too-busy", "1"));
    assert!(refused.problem().detail.contains("1 invocations of the project"), "{refused:?}");
    change(&ada, json!({ "project_concurrency": 2 })).await.expect(200);
    let second = held(&project).await;
    ask().await.expect(429);
    change(&ada, json!({ "project_concurrency": 200 })).await.expect(200);
    ask().await.expect(200);
    drop((first, second));
    change(&ada, json!({ "project_concurrency": 1 })).await.expect(200);
    project.platform().restart().await;
    let _first = held(&project).await;
    ask().await.expect(429);
}

#[tokio::test]
async fn a_ceiling_goes_no_further_than_the_servers_settings() {
    let platform = Platform::builder().argument("--project-concurrency").argument("3").start().await;
    let (_, ada) = demo_on(platform).await;
    assert_eq!(ada.get("").await.parse::<wire::Project>().ceiling.project_concurrency, Some(3));
    let refused = change(&ada, json!({ "project_concurrency": 4 })).await.expect(422);
    assert!(refused.problem().errors[0].message.contains("1 to 3"), "{refused:?}");
}

#[tokio::test]
async fn a_project_keeps_no_more_ready_than_it_may_run_at_once() {
    let (_, ada) = demo().await;
    change(&ada, json!({ "project_concurrency": 5 })).await.expect(200);
    for (function, provisioned) in [("first", 3), ("second", 3), ("second", 2), ("second", 0)] {
        let configuration = json!({ "provisioned": provisioned });
        ada.try_upload_with(function, &guest("hello"), &configuration).await.expect(201);
    }
    ada.deploy("first", 1).await;
    let deploy = async |function: &str, version: u32| {
        let body = json!({ "versions": [{ "version": version, "weight": 100 }] });
        ada.post(&format!("/functions/{function}/deployments"), body).await
    };
    let problem = deploy("second", 1).await.expect(409).problem();
    assert_eq!(problem.code, "too-many-provisioned");
    assert!(problem.detail.contains("keep 3") && problem.detail.contains("at most 2 here"), "{}", problem.detail);
    assert!(ada.get("/functions/second/deployments").await.items().is_empty(), "a refused deployment leaves nothing");
    deploy("second", 2).await.expect(201);
    // What takes another one's place counts in its stead, and what keeps nothing ready always fits.
    deploy("second", 2).await.expect(201);
    change(&ada, json!({ "project_concurrency": 4 })).await.expect(200);
    assert_eq!(deploy("second", 2).await.expect(409).problem().code, "too-many-provisioned");
    deploy("second", 3).await.expect(201);
    // What was live is put back all the same.
    ada.roll_back("second").await;
}

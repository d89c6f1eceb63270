//! Snapshots through the whole platform: a guest with 40 ms of set-up work is published, and answers from it.

use domain::version::Start;
use harness::{Actor, Platform, guest};
use http::Method;
use serde_json::json;

use super::greeting;
use crate::runtime::init;

#[tokio::test]
async fn a_guest_with_an_init_answers_from_its_snapshot() {
    let platform = Platform::start().await;
    let demo = platform.project("demo").with_owner("ada").create().await;
    let ada = demo.acting_as("ada");
    let configuration = json!({ "variables": { "GREETING": "good day" } });
    let answer = ada.try_upload_with("heavy", &guest("heavy"), &configuration).await;
    let version = ada.settled("heavy", answer.parse()).await;
    let verdict = version.verdict.unwrap();
    assert!(matches!(verdict.start, Start::Snapshot { init_us: 1_000.., .. }), "{:?}", verdict.start);
    assert_eq!(verdict.init_log, "the table is prepared");

    let shared = async || {
        let text = demo.preview("heavy", 1, Method::GET, "/shared").send().await.expect(200).text();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let (one, other) = (shared().await, shared().await);
    let line = |lines: &[String], name: &str| lines.iter().find(|line| line.starts_with(name)).cloned().unwrap();
    assert_eq!(line(&one, "prepared="), "prepared=true true");
    assert_eq!(line(&one, "drawn="), line(&other, "drawn="), "what init drew is frozen");
    assert_ne!(line(&one, "random="), line(&other, "random="), "what a request draws is not");
    assert_eq!(line(&one, "greeting="), "greeting=good day");
    platform.restart().await;
    assert_eq!(line(&shared().await, "drawn="), line(&one, "drawn="), "and it is the same after a restart");
}

/// Why the first version of `function` was refused.
async fn failure_of(ada: &Actor, function: &str) -> wire::Failure {
    let version: wire::Version = ada.get(&format!("/functions/{function}/versions/1")).await.expect(200).parse();
    version.failure.unwrap()
}

#[tokio::test]
async fn a_snapshot_that_does_not_fit_the_versions_memory_is_refused() {
    let platform = Platform::start().await;
    let demo = platform.project("demo").with_owner("ada").create().await;
    let ada = demo.acting_as("ada");
    let grows = init::component("", "(drop (memory.grow (i32.const 99)))");
    ada.try_upload_with("grown", &grows, &json!({ "limits": { "memory_mib": 6 } })).await.expect(422);
    let failure = failure_of(&ada, "grown").await;
    assert_eq!(failure.code, "init-out-of-memory");
    assert!(failure.message.contains("memory_mib is 6") && failure.message.contains("raise it to 7"), "{failure:?}");
    let answer = ada.try_upload_with("grown", &grows, &json!({ "limits": { "memory_mib": 7 } })).await;
    assert!(ada.settled("grown", answer.parse()).await.verdict.is_some());
}

#[tokio::test]
async fn an_init_that_never_ends_costs_its_own_version_and_nothing_else() {
    let platform = Platform::builder().argument("--init-cpu-s").argument("1").start().await;
    let demo = platform.project("demo").with_owner("ada").create().await;
    let ada = demo.acting_as("ada");
    ada.try_upload("endless", init::component("", "(loop (br 0))")).await.expect(422);
    let failure = failure_of(&ada, "endless").await;
    assert_eq!(failure.code, "init-out-of-time");
    assert!(failure.message.contains("more than 1000 ms"), "{}", failure.message);
    ada.publish("hello", guest("hello")).await;
    assert_eq!(greeting(&demo).await, "Hello from /\n");
}

//! Functions that are loaded when they are called, and unloaded where too many are.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use futures::future::join_all;
use harness::{Platform, Project};
use http::Method;
use serde_json::json;

use super::stage::{demo_on, upload_with};

/// Ample for what happens by itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// Functions that take turns.
const FUNCTIONS: [&str; 4] = ["one", "two", "three", "four"];

async fn stage(arguments: [&str; 2]) -> Project {
    let platform = arguments.into_iter().fold(Platform::builder(), harness::Builder::argument);
    let (project, ada) = demo_on(platform.start().await).await;
    for name in FUNCTIONS {
        upload_with(&ada, name, "hello", json!({ "variables": { "GREETING": name } })).await;
    }
    project
}

/// The figures of what is loaded: how many, of how many bytes, how many went.
async fn figures(project: &Project) -> (u64, u64, u64) {
    let text = project.platform().control(Method::GET, "/metrics").send().await.expect(200).text();
    let figures: HashMap<&str, u64> =
        text.lines().filter_map(|line| line.split_once(' ')).filter_map(|(n, v)| Some((n, v.parse().ok()?))).collect();
    let figure = |name: &str| figures.get(name).copied().unwrap_or_default();
    (
        figure("dormouse_functions_loaded"),
        figure("dormouse_functions_loaded_size_bytes"),
        figure("dormouse_functions_evicted_total"),
    )
}

async fn ask(project: &Project, name: &str) {
    let answer = project.preview(name, 1, Method::GET, "/x").send().await.expect(200);
    assert_eq!(answer.text(), format!("{name} from /x\n"));
}

#[tokio::test]
async fn nothing_is_loaded_that_was_not_called() {
    let project = stage(["--loaded-mib", "512"]).await;
    let ada = project.acting_as("ada");
    assert_eq!(figures(&project).await, (0, 0, 0), "uploading loads nothing");
    ada.deploy("one", 1).await;
    ada.deploy("two", 1).await;
    assert_eq!(figures(&project).await.0, 2);
    project.platform().restart().await;
    assert_eq!(figures(&project).await, (0, 0, 0));
    project.fetch("/two/x").await.expect(200);
    let version: wire::Version = ada.get("/functions/two/versions/1").await.parse();
    assert_eq!(figures(&project).await, (1, version.verdict.unwrap().artifact_bytes, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_beyond_the_budget_are_unloaded_and_loaded_again_without_a_failed_call() {
    let project = stage(["--loaded-mib", "0"]).await;
    let callers = (0..8).map(|caller| {
        let project = project.clone();
        async move {
            for turn in 0..25 {
                ask(&project, FUNCTIONS[(caller + turn) % FUNCTIONS.len()]).await;
            }
        }
    });
    join_all(callers).await;
    let (loaded, _, evicted) = figures(&project).await;
    assert_eq!(loaded, 1, "the one that was loaded last");
    assert!(evicted > 3, "{evicted}");
    for name in FUNCTIONS {
        ask(&project, name).await;
        ask(&project, name).await;
    }
    let evicted_after = figures(&project).await.2;
    assert!((3..=4).contains(&(evicted_after - evicted)), "{evicted} and {evicted_after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_busy_time_what_is_called_goes_on_and_what_is_not_is_unloaded() {
    /// Answers that are held at once: beyond the calls that come one by one, by far.
    const BUSY: usize = 24;
    let project = stage(["--shrink-after-s", "1"]).await;
    let ada = project.acting_as("ada");
    upload_with(&ada, "ready", "counter", json!({ "provisioned": 2 })).await;
    ada.deploy("ready", 1).await;
    upload_with(&ada, "busy", "counter", json!({})).await;
    for name in FUNCTIONS {
        ask(&project, name).await;
    }
    let hold = || async { project.preview("busy", 1, Method::GET, "/stall").open().await.unwrap() };
    let held = join_all((0..BUSY).map(|_| hold())).await;
    assert!(held.iter().all(|answer| answer.status() == 200));
    drop(held);
    let begun = Instant::now();
    while figures(&project).await.0 != 2 {
        ask(&project, "one").await;
        assert!(begun.elapsed() < PATIENCE, "{:?}", figures(&project).await);
    }
    assert!(project.platform().log().contains("new pools take the place"), "something else unloaded them");
    for name in FUNCTIONS {
        ask(&project, name).await;
    }
    for _ in 0..3 {
        assert_eq!(project.fetch("/ready/").await.expect(200).text(), "1\n");
    }
}

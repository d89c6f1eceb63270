//! Bugs that are planted must be found: a check that never fails proves nothing.

use std::{process::Command, time::UNIX_EPOCH};

use http::Method;
use serde_json::json;

use super::{
    supervisor::{self, Plan, Scene},
    tell,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_before_the_commit_is_found() {
    let plan = Plan { kills: 4, messages: 300, bug: Some("early-answer"), ..Plan::default() };
    let account = supervisor::run(plan).await;
    tell(&format!("chaos with answers before commits: {account}"));
    assert!(!account.lost.is_empty() || !account.doubled.is_empty(), "{account}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_in_two_transactions_is_found() {
    let plan = Plan { kills: 3, messages: 1_000, bug: Some("move-apart"), place: Some("moving"), ..Plan::default() };
    let account = supervisor::run(plan).await;
    tell(&format!("chaos with moves in two transactions: {account}"));
    assert!(!account.lost.is_empty(), "{account}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_was_stopped_beyond_its_lease_acknowledges_nothing() {
    assert!(stays_when_its_worker_is_late(None).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unchecked_lease_is_found() {
    assert!(!stays_when_its_worker_is_late(Some("unchecked-lease")).await);
}

/// Stops the server while its guest works on a message, until the lease has ended; lets the guest acknowledge then,
/// and says whether the message is still there.
async fn stays_when_its_worker_is_late(bug: Option<&'static str>) -> bool {
    let scene = Scene::set(&Plan { bug, ..Plan::default() }).await;
    scene.witness.keep_silent();
    scene.owner.post("/queues/orders/messages", json!({ "body": "good but slow" })).await.expect(201);
    while scene.witness.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    let pid = scene.platform.ready().pid;
    let signal = |name: &str| assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
    let page = scene.owner.get("/queues/orders/messages").await.expect(200);
    let message = page.parse::<wire::Page<wire::QueueMessage>>().items.remove(0);
    signal("-STOP");
    // The lease is as long as the platform makes it: half a minute.
    while now_us() <= message.available_at_us.0 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    signal("-CONT");
    let mut is_asked = false;
    loop {
        if scene.platform.log().contains("the leases of a batch were lost") {
            return true;
        }
        // Connections that stood still may be closed.
        let Ok(page) = scene.owner.request(Method::GET, "/queues/orders/messages").try_send().await else { continue };
        let now = page.parse::<wire::Page<wire::QueueMessage>>().items.pop();
        match (now, scene.witness.answered().first()) {
            // It was the second who was done with it, by right.
            (_, Some(1..)) => return true,
            (None, _) => return false,
            // The first keeps a lease that had ended.
            (Some(now), _) if now.receives == 1 && now.available_at_us > message.available_at_us => return false,
            // The first was refused, and the second still has it.
            (Some(_), Some(0)) if is_refused(&scene).await => return true,
            (Some(now), None) if now.receives == 2 && scene.witness.seen().len() == 2 && !is_asked => {
                is_asked = true;
                scene.witness.answer_one();
            }
            _ => tokio::task::yield_now().await,
        }
    }
}

/// Whether a settlement was refused for its lease.
async fn is_refused(scene: &Scene) -> bool {
    let Ok(metrics) = scene.platform.control(Method::GET, "/metrics").try_send().await else { return false };
    metrics.text().lines().any(|line| line.starts_with("dormouse_queue_stale_total"))
}

fn now_us() -> i64 {
    i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_micros()).unwrap()
}

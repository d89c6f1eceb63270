//! Redrives over HTTP: they go on by themselves, also after a restart, until they are done or stopped.

use harness::Actor;
use serde_json::json;

use super::{orders, peek, queue};

async fn fill(actor: &Actor, messages: u32) {
    actor.post("/queues", json!({ "name": "elsewhere" })).await.expect(201);
    for start in (0..messages).step_by(100) {
        let batch: Vec<_> = (start..messages.min(start + 100)).map(|n| json!({ "body": format!("m{n:03}") })).collect();
        actor.post("/queues/orders/messages/batch", json!({ "messages": batch })).await.expect(201);
    }
}

async fn begin(actor: &Actor, rate_per_s: u32) -> wire::Redrive {
    let body = json!({ "target": "elsewhere", "rate_per_s": rate_per_s });
    actor.post("/queues/orders/redrives", body).await.expect(201).parse()
}

async fn find(actor: &Actor, id: &str) -> wire::Redrive {
    actor.get(&format!("/queues/orders/redrives/{id}")).await.expect(200).parse()
}

/// Reads the redrive again and again until `enough` of it holds.
async fn until(actor: &Actor, id: &str, enough: impl Fn(&wire::Redrive) -> bool) -> wire::Redrive {
    loop {
        let redrive = find(actor, id).await;
        if enough(&redrive) {
            return redrive;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_redrive_moves_all_messages_in_their_order() {
    let (_, ada) = orders().await;
    fill(&ada, 120).await;
    let begun = begin(&ada, 1_000).await;
    assert_eq!((begun.total, begun.target.as_deref()), (120, Some("elsewhere")));
    let done = until(&ada, &begun.id, |redrive| redrive.state == wire::RedriveState::Done).await;
    assert_eq!((done.moved, done.skipped), (120, 0));
    assert!(done.ended_at_us.is_some());
    assert!(peek(&ada, "orders").await.is_empty());
    let bodies: Vec<_> = peek(&ada, "elsewhere").await.into_iter().map(|message| message.body).collect();
    assert_eq!(bodies, (0..120).map(|n| format!("m{n:03}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_redrive_goes_on_after_a_power_cut_and_loses_nothing() {
    let (project, ada) = orders().await;
    fill(&ada, 200).await;
    let begun = begin(&ada, 400).await;
    until(&ada, &begun.id, |redrive| redrive.moved > 0).await;
    project.platform().restart().await;
    let done = until(&ada, &begun.id, |redrive| redrive.state == wire::RedriveState::Done).await;
    assert_eq!(done.moved, 200);
    let bodies: Vec<_> = peek(&ada, "elsewhere").await.into_iter().map(|message| message.body).collect();
    assert_eq!(bodies, (0..200).map(|n| format!("m{n:03}")).collect::<Vec<_>>());
    assert_eq!(queue(&ada, "elsewhere").await.depth.messages, 200);
}

#[tokio::test]
async fn a_redrive_is_stopped_and_what_it_moved_stays() {
    let (_, ada) = orders().await;
    fill(&ada, 50).await;
    let begun = begin(&ada, 1).await;
    until(&ada, &begun.id, |redrive| redrive.moved > 0).await;
    let again = ada.post("/queues/orders/redrives", json!({})).await.expect(409);
    assert_eq!(again.problem().code, "redrive-running");
    let stop = format!("/queues/orders/redrives/{}/stop", begun.id);
    let stopped: wire::Redrive = ada.post(&stop, json!({})).await.expect(200).parse();
    assert_eq!(stopped.state, wire::RedriveState::Stopped);
    assert_eq!(ada.post(&stop, json!({})).await.expect(200).parse::<wire::Redrive>(), stopped);
    let (left, moved) = (peek(&ada, "orders").await.len(), peek(&ada, "elsewhere").await.len());
    assert_eq!((left + moved, moved as u64), (50, stopped.moved));
    let page: wire::Page<wire::Redrive> = ada.get("/queues/orders/redrives").await.expect(200).parse();
    assert_eq!(page.items, [stopped]);
}

#[tokio::test]
async fn a_redrive_that_cannot_be_is_refused() {
    let (_, ada) = orders().await;
    for (body, field) in [(json!({ "rate_per_s": 0 }), "rate_per_s"), (json!({ "target": "orders" }), "target")] {
        let refused = ada.post("/queues/orders/redrives", body).await.expect(422);
        assert_eq!(refused.problem().errors[0].field, field);
    }
    ada.post("/queues/orders/redrives", json!({ "target": "nothing" })).await.expect(404);
}

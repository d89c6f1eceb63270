//! Asynchronous calls: taken in, made, retried, cancelled, told about.

use harness::Actor;
use serde_json::json;

use super::stage::{demo, route, upload_with};

/// The function `worker`, the guest that does what each call says, which no trigger reaches.
async fn worker() -> Actor {
    let (_, ada) = demo().await;
    ada.post("/functions", json!({ "name": "worker" })).await.expect(201);
    let version = upload_with(&ada, "worker", "poison", json!({ "dead_letter_queue": "letters" })).await;
    route(&ada, "worker", version, json!([])).await;
    ada
}

async fn call(actor: &Actor, body: &str) -> wire::Call {
    let answer = actor.post("/functions/worker/calls", json!({ "body": body })).await.expect(202);
    let call: wire::Call = answer.parse();
    assert!(answer.header("location").ends_with(&format!("/functions/worker/calls/{}", call.id)));
    call
}

/// Reads the call again and again until `enough` of it holds.
async fn until(actor: &Actor, id: &str, enough: impl Fn(&wire::Call) -> bool) -> wire::Call {
    loop {
        let call: wire::Call = actor.get(&format!("/functions/worker/calls/{id}")).await.expect(200).parse();
        if enough(&call) {
            return call;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_call_is_made_after_it_was_taken_in_and_tells_its_answer() {
    let ada = worker().await;
    let taken = call(&ada, "good evening").await;
    assert_eq!((taken.version, taken.created_by.as_str()), (1, "ada"));
    let done = until(&ada, &taken.id, |call| call.ended_at_us.is_some()).await;
    assert_eq!((done.state, done.attempts, done.error), (wire::CallState::Succeeded, 1, None));
    let answer = done.answer.unwrap();
    assert_eq!((answer.content_type.as_str(), answer.body.as_str()), ("text/plain", "good evening"));
    let page = ada.get("/functions/worker/calls").await.expect(200);
    let listed = page.parse::<wire::Page<wire::Call>>().items;
    assert_eq!((listed.len(), listed[0].id.as_str(), &listed[0].answer), (1, taken.id.as_str(), &None));
}

#[tokio::test]
async fn a_call_that_fails_waits_for_its_next_attempt_and_can_be_cancelled() {
    let ada = worker().await;
    for (body, error) in [("fail no-stock", "no-stock: this call fails as it should"), ("trap", "trapped: ")] {
        let taken = call(&ada, body).await;
        let waiting = until(&ada, &taken.id, |call| call.error.is_some()).await;
        assert_eq!((waiting.state, waiting.attempts), (wire::CallState::Pending, 1));
        assert!(waiting.error.is_some_and(|told| told.starts_with(error)));
        let wait = waiting.next_attempt_at_us.unwrap().as_us() - taken.created_at_us.as_us();
        assert!((60_000_000..120_000_000).contains(&wait), "{wait}");
        let path = format!("/functions/worker/calls/{}", taken.id);
        let cancelled: wire::Call = ada.delete(&path).await.expect(200).parse();
        assert_eq!((cancelled.state, cancelled.next_attempt_at_us), (wire::CallState::Cancelled, None));
        assert_eq!(ada.delete(&path).await.expect(409).problem().code, "call-not-pending");
    }
}

#[tokio::test]
async fn what_cannot_be_called_is_refused_with_the_reason() {
    let ada = worker().await;
    let refused = |body: serde_json::Value| {
        let ada = ada.clone();
        async move { ada.post("/functions/worker/calls", body).await }
    };
    let large = refused(json!({ "body": "x".repeat((256 << 10) + 1) })).await.expect(422).problem();
    assert!(large.errors.iter().any(|error| error.field == "body" && error.message.contains("262144")), "{large:?}");
    assert_eq!(refused(json!({ "version": 9 })).await.expect(404).problem().code, "not-found");
    ada.post("/functions", json!({ "name": "hello" })).await.expect(201);
    let version = upload_with(&ada, "hello", "hello", json!({})).await;
    route(&ada, "hello", version, json!([])).await;
    let problem = ada.post("/functions/hello/calls", json!({})).await.expect(409).problem();
    assert_eq!(problem.code, "missing-handler");
    assert!(problem.detail.contains("dormouse:function/handler"), "{problem:?}");
}

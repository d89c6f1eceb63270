//! Queues over HTTP: what a send promises, what is refused and why, and who may do what.

use harness::{Actor, Answer, Platform, Project};
use http::Method;
use serde_json::{Value, json};

use super::stage::{demo, fields};

mod redrives;

/// The queue `orders` of `demo`.
async fn orders() -> (Project, Actor) {
    let (project, ada) = demo().await;
    ada.post("/queues", json!({ "name": "orders" })).await.expect(201);
    (project, ada)
}

async fn send(actor: &Actor, message: Value) -> Answer {
    actor.post("/queues/orders/messages", message).await
}

async fn peek(actor: &Actor, queue: &str) -> Vec<wire::QueueMessage> {
    let page = actor.get(&format!("/queues/{queue}/messages?limit=200")).await.expect(200);
    page.parse::<wire::Page<wire::QueueMessage>>().items
}

async fn queue(actor: &Actor, name: &str) -> wire::Queue {
    actor.get(&format!("/queues/{name}")).await.expect(200).parse()
}

#[tokio::test]
async fn a_queue_is_created_changed_listed_and_deleted() {
    let (_, ada) = demo().await;
    let created = ada.post("/queues", json!({ "name": "letters" })).await.expect(201);
    assert_eq!(created.header("location"), "/api/v1/projects/demo/queues/letters");
    let made: wire::Queue = ada
        .post("/queues", json!({ "name": "orders", "retention_s": 3600, "dead_letter_queue": "letters" }))
        .await
        .expect(201)
        .parse();
    assert_eq!((made.retention_s, made.dead_letter_queue.as_deref(), made.paused), (3_600, Some("letters"), false));
    assert_eq!(made.depth, wire::QueueDepth::default());
    let changed = json!({ "retention_s": 60, "dead_letter_queue": "" });
    let changed: wire::Queue = ada.patch("/queues/orders", changed).await.expect(200).parse();
    assert_eq!((changed.retention_s, changed.dead_letter_queue), (60, None));
    let page: wire::Page<wire::Queue> = ada.get("/queues").await.expect(200).parse();
    assert_eq!(page.items.iter().map(|queue| queue.name.as_str()).collect::<Vec<_>>(), ["letters", "orders"]);
    ada.delete("/queues/orders").await.expect(204);
    ada.get("/queues/orders").await.expect(404);
}

#[tokio::test]
async fn what_breaks_a_rule_is_named() {
    let (_, ada) = orders().await;
    for (body, field) in [
        (json!({ "name": "Orders" }), "name"),
        (json!({ "name": "a", "retention_s": 59 }), "retention_s"),
        (json!({ "name": "a", "retention_s": 1_209_601 }), "retention_s"),
        (json!({ "name": "a", "dead_letter_queue": "nothing" }), "dead_letter_queue"),
        (json!({ "name": "a", "dead_letter_queue": "a" }), "dead_letter_queue"),
        (json!({ "name": "a", "colour": 1 }), "colour"),
    ] {
        assert_eq!(fields(&ada.post("/queues", body.clone()).await.expect(422)), [field], "{body}");
    }
    assert_eq!(ada.post("/queues", json!({ "name": "orders" })).await.expect(409).problem().code, "name-taken");
    let attributes: Value = (0..11).map(|n| (format!("a{n}"), json!(""))).collect::<serde_json::Map<_, _>>().into();
    for (body, field) in [
        (json!({ "body": "x".repeat((256 << 10) + 1) }), "body"),
        (json!({ "body": "%", "body_is_base64": true }), "body"),
        (json!({ "body": "", "delay_ms": 900_001 }), "delay_ms"),
        (json!({ "body": "", "group": "" }), "group"),
        (json!({ "body": "", "deduplication_key": "x".repeat(129) }), "deduplication_key"),
        (json!({ "body": "", "attributes": attributes }), "attributes"),
        (json!({ "body": "", "content_type": "" }), "content_type"),
    ] {
        let refused = send(&ada, body).await.expect(422);
        assert_eq!(fields(&refused), [field]);
        assert!(refused.problem().errors[0].message.chars().any(char::is_alphabetic));
    }
    let many: Vec<_> = (0..101).map(|_| json!({ "body": "" })).collect();
    let refused = ada.post("/queues/orders/messages/batch", json!({ "messages": many })).await.expect(422);
    assert_eq!(fields(&refused), ["messages"]);
    let second = json!({ "messages": [{ "body": "good" }, { "body": "bad", "delay_ms": 900_001 }] });
    let refused = ada.post("/queues/orders/messages/batch", second).await.expect(422);
    assert_eq!(fields(&refused), ["messages[1].delay_ms"]);
    assert!(peek(&ada, "orders").await.is_empty(), "a refused send left something");
    ada.post("/queues/nothing/messages", json!({ "body": "" })).await.expect(404);
}

#[tokio::test]
async fn a_sent_message_is_there_as_it_was_sent_also_after_a_power_cut() {
    let (project, ada) = orders().await;
    let message = json!({
        "body": "//4=", "body_is_base64": true, "content_type": "application/x-order",
        "attributes": { "colour": "grey" }, "group": "customer-7", "delay_ms": 60_000,
    });
    let sent = send(&ada, message).await.expect(201);
    let id = sent.parse::<wire::SentMessage>().id;
    assert_eq!(sent.header("location"), format!("/api/v1/projects/demo/queues/orders/messages/{id}"));
    project.platform().restart().await;
    let there: wire::QueueMessage = ada.get(&format!("/queues/orders/messages/{id}")).await.expect(200).parse();
    assert_eq!((there.body.as_str(), there.body_is_base64, there.body_bytes), ("//4=", true, 2));
    assert_eq!((there.content_type.as_str(), there.attributes["colour"].as_str()), ("application/x-order", "grey"));
    assert_eq!((there.group.as_deref(), there.state), (Some("customer-7"), wire::MessageState::Delayed));
    assert_eq!((there.receives, there.attempts, there.errors.len()), (0, 0, 0));
    assert_eq!(peek(&ada, "orders").await, [there]);
    let depth = queue(&ada, "orders").await.depth;
    assert_eq!((depth.messages, depth.delayed, depth.in_flight, depth.sent), (1, 1, 0, 1));
}

#[tokio::test]
async fn a_batch_keeps_its_order_and_pages_go_through_it() {
    let (_, ada) = orders().await;
    let messages: Vec<_> = (0..7).map(|n| json!({ "body": format!("m{n}") })).collect();
    let sent = ada.post("/queues/orders/messages/batch", json!({ "messages": messages })).await.expect(201);
    let ids = sent.parse::<wire::SentMessages>().ids;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = ada.get(&format!("/queues/orders/messages?limit=3{cursor}")).await.expect(200);
        let page: wire::Page<wire::QueueMessage> = page.parse();
        seen.extend(page.items.into_iter().map(|message| message.id));
        let Some(next) = page.next_cursor else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, ids);
    assert_eq!(fields(&ada.get("/queues/orders/messages?cursor=x").await.expect(422)), ["cursor"]);
}

#[tokio::test]
async fn a_send_that_is_repeated_is_one_message() {
    let (_, ada) = orders().await;
    let keyed = json!({ "body": "a", "deduplication_key": "order-7" });
    let first = send(&ada, keyed.clone()).await.expect(201).parse::<wire::SentMessage>();
    assert_eq!(send(&ada, keyed).await.expect(201).parse::<wire::SentMessage>(), first);
    let once = async || {
        let request = ada.request(Method::POST, "/queues/orders/messages").header("idempotency-key", "k1");
        request.json(&json!({ "body": "b" })).send().await.expect(201).parse::<wire::SentMessage>()
    };
    assert_eq!(once().await, once().await);
    assert_eq!(peek(&ada, "orders").await.len(), 2);
}

#[tokio::test]
async fn a_purge_needs_the_queues_name() {
    let (_, ada) = orders().await;
    for _ in 0..3 {
        send(&ada, json!({ "body": "" })).await.expect(201);
    }
    assert_eq!(fields(&ada.post("/queues/orders/purge", json!({ "queue": "order" })).await.expect(422)), ["queue"]);
    assert_eq!(queue(&ada, "orders").await.depth.messages, 3);
    let purged = ada.post("/queues/orders/purge", json!({ "queue": "orders" })).await.expect(200);
    assert_eq!(purged.parse::<wire::PurgedQueue>().messages, 3);
    assert!(peek(&ada, "orders").await.is_empty());
}

#[tokio::test]
async fn a_queue_with_messages_is_not_deleted_by_mistake() {
    let (_, ada) = orders().await;
    send(&ada, json!({ "body": "" })).await.expect(201);
    assert_eq!(ada.delete("/queues/orders").await.expect(409).problem().code, "queue-not-empty");
    ada.delete("/queues/orders?with_messages=true").await.expect(204);
    ada.get("/queues/orders").await.expect(404);
}

#[tokio::test]
async fn a_pause_is_kept_and_ended() {
    let (project, ada) = orders().await;
    let paused: wire::Queue = ada.post("/queues/orders/pause", json!({})).await.expect(200).parse();
    assert!(paused.paused);
    project.platform().restart().await;
    assert!(queue(&ada, "orders").await.paused);
    send(&ada, json!({ "body": "still taken in" })).await.expect(201);
    let resumed: wire::Queue = ada.post("/queues/orders/resume", json!({})).await.expect(200).parse();
    assert!(!resumed.paused);
}

#[tokio::test]
async fn nobody_overwrites_settings_that_they_have_not_seen() {
    let (_, ada) = orders().await;
    let tag = ada.get("/queues/orders").await.expect(200).header("etag").to_owned();
    let change = async |retention_s: u32| {
        let request = ada.request(Method::PATCH, "/queues/orders").header("if-match", &tag);
        request.json(&json!({ "retention_s": retention_s })).send().await
    };
    change(100).await.expect(200);
    change(200).await.expect(412);
    assert_eq!(queue(&ada, "orders").await.retention_s, 100);
}

#[tokio::test]
async fn each_role_does_with_queues_what_it_may() {
    let platform = Platform::start().await;
    let project = platform.project("demo").with_owner("ada").with_deployer("dan").with_operator("olga");
    let project = project.with_reader("rob").create().await;
    project.acting_as("dan").post("/queues", json!({ "name": "orders" })).await.expect(201);
    let (olga, rob) = (project.acting_as("olga"), project.acting_as("rob"));
    olga.post("/queues", json!({ "name": "more" })).await.expect(403);
    olga.patch("/queues/orders", json!({ "retention_s": 60 })).await.expect(403);
    send(&olga, json!({ "body": "" })).await.expect(201);
    olga.post("/queues/orders/pause", json!({})).await.expect(200);
    olga.post("/queues/orders/purge", json!({ "queue": "orders" })).await.expect(200);
    olga.delete("/queues/orders").await.expect(403);
    assert!(peek(&rob, "orders").await.is_empty());
    send(&rob, json!({ "body": "" })).await.expect(403);
    rob.post("/queues/orders/resume", json!({})).await.expect(403);
    rob.post("/queues/orders/redrives", json!({})).await.expect(403);
}

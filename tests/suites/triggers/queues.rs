//! Messages of queues on their way through functions: consumed, retried, rejected, divided, kept in order.

use harness::{Actor, Project};
use http::Method;
use serde_json::{Value, json};

use super::stage::{demo, route, upload_with};

/// The function `worker`, the guest that does what each message says, on the queue `orders`.
async fn worker(trigger: Value) -> (Project, Actor) {
    let (project, ada) = demo().await;
    ada.post("/functions", json!({ "name": "worker" })).await.expect(201);
    let version = upload_with(&ada, "worker", "poison", json!({})).await;
    let mut on_orders = json!({ "type": "queue", "queue": "orders", "max_receives": 2 });
    if let (Some(all), Some(more)) = (on_orders.as_object_mut(), trigger.as_object()) {
        all.extend(more.clone());
    }
    route(&ada, "worker", version, json!([on_orders])).await;
    (project, ada)
}

async fn send(actor: &Actor, messages: Vec<Value>) {
    actor.post("/queues/orders/messages/batch", json!({ "messages": messages })).await.expect(201);
}

fn texts(bodies: &[&str]) -> Vec<Value> {
    bodies.iter().map(|body| json!({ "body": body })).collect()
}

async fn depth(actor: &Actor, queue: &str) -> wire::QueueDepth {
    actor.get(&format!("/queues/{queue}")).await.expect(200).parse::<wire::Queue>().depth
}

/// Reads the queue again and again until `enough` of it holds.
async fn until(actor: &Actor, queue: &str, enough: impl Fn(&wire::QueueDepth) -> bool) -> wire::QueueDepth {
    loop {
        let depth = depth(actor, queue).await;
        if enough(&depth) {
            return depth;
        }
        tokio::task::yield_now().await;
    }
}

async fn dead_letters(actor: &Actor) -> Vec<wire::QueueMessage> {
    let page = actor.get("/queues/orders-dlq/messages?limit=200").await.expect(200);
    page.parse::<wire::Page<wire::QueueMessage>>().items
}

#[tokio::test]
async fn a_deployed_trigger_makes_its_queues_and_consumes_what_is_sent() {
    let (_, ada) = worker(json!({})).await;
    send(&ada, texts(&["one", "two", "three"])).await;
    let done = until(&ada, "orders", |depth| depth.messages == 0).await;
    assert_eq!((done.sent, done.acknowledged, done.dead), (3, 3, 0));
    assert!(dead_letters(&ada).await.is_empty());
}

#[tokio::test]
async fn poison_in_a_batch_lands_in_the_dead_letter_queue_after_its_receives_and_takes_no_other_with_it() {
    let (_, ada) = worker(json!({ "max_concurrency": 1 })).await;
    let poison = ["trap", "memory", "short"];
    let mut bodies: Vec<_> = (0..17).map(|n| format!("well {n}")).collect();
    for (place, poison) in poison.iter().enumerate() {
        bodies.insert(place * 6, (*poison).to_owned());
    }
    send(&ada, texts(&bodies.iter().map(String::as_str).collect::<Vec<_>>())).await;
    let done = until(&ada, "orders", |depth| depth.messages == 0).await;
    assert_eq!((done.acknowledged, done.dead), (17, 3));
    let letters = dead_letters(&ada).await;
    let mut bodies: Vec<_> = letters.iter().map(|letter| letter.body.as_str()).collect();
    bodies.sort_unstable();
    assert_eq!(bodies, ["memory", "short", "trap"]);
    for letter in &letters {
        let attempts: Vec<_> = letter.errors.iter().map(|error| error.attempt).collect();
        assert_eq!((letter.attempts, attempts), (2, vec![1, 2]), "{letter:?}");
        assert_eq!(letter.source_queue.as_deref(), Some("orders"));
    }
    let of =
        |body: &str| letters.iter().find(|letter| letter.body == body).map(|letter| letter.errors[0].error.clone());
    assert!(of("trap").is_some_and(|error| error.starts_with("trapped: ")), "{:?}", of("trap"));
    assert!(of("memory").is_some_and(|error| error.starts_with("out-of-memory: ")), "{:?}", of("memory"));
}

#[tokio::test]
async fn of_a_backlog_with_poison_in_each_batch_all_that_is_well_is_done_and_all_poison_dies_after_its_receives() {
    let (_, ada) = worker(json!({ "max_concurrency": 3 })).await;
    ada.post("/queues/orders/pause", json!({})).await.expect(200);
    for batch in 0..4 {
        let body = |n: usize| if n % 10 == (batch + n / 10) % 10 { "trap" } else { "well" };
        send(&ada, texts(&(0..100).map(body).collect::<Vec<_>>())).await;
    }
    ada.post("/queues/orders/resume", json!({})).await.expect(200);
    let done = until(&ada, "orders", |depth| depth.messages == 0).await;
    assert_eq!((done.acknowledged, done.dead), (360, 40));
    for letter in dead_letters(&ada).await {
        let attempts: Vec<_> = letter.errors.iter().map(|error| error.attempt).collect();
        assert_eq!((letter.body.as_str(), letter.attempts, attempts), ("trap", 2, vec![1, 2]));
        assert!(letter.errors.iter().all(|error| error.error.starts_with("trapped: ")), "{letter:?}");
    }
}

#[tokio::test]
async fn a_message_that_takes_too_long_is_retried_alone_and_then_dead() {
    let (_, ada) = worker(json!({ "timeout_ms": 1_500 })).await;
    send(&ada, texts(&["sleep", "well"])).await;
    let done = until(&ada, "orders", |depth| depth.messages == 0).await;
    assert_eq!((done.acknowledged, done.dead), (1, 1));
    let letters = dead_letters(&ada).await;
    assert!(letters[0].errors.iter().all(|error| error.error.starts_with("timed-out: ")), "{:?}", letters[0].errors);
}

#[tokio::test]
async fn the_function_decides_on_each_message() {
    let (_, ada) = worker(json!({ "max_receives": 5 })).await;
    send(&ada, texts(&["well", "reject no such customer", "once"])).await;
    let done = until(&ada, "orders", |depth| depth.messages == 0).await;
    assert_eq!((done.acknowledged, done.dead), (2, 1));
    let letters = dead_letters(&ada).await;
    assert_eq!(letters[0].receives, 0);
    assert_eq!(letters[0].errors[0].error, "the function rejected it: no such customer");
}

#[tokio::test]
async fn a_group_waits_for_its_first_message_and_others_do_not() {
    let (_, ada) = worker(json!({ "max_concurrency": 1 })).await;
    let grouped = |(group, body): (&str, &str)| json!({ "body": body, "group": group });
    let held_up = [("a", "retry 900000"), ("a", "second"), ("a", "third")];
    let others = [("b", "other"), ("c", "once"), ("c", "after")];
    send(&ada, [held_up, others].concat().into_iter().map(grouped).collect()).await;
    // The third is the one behind the message that is tried twice.
    until(&ada, "orders", |depth| depth.acknowledged == 3).await;
    let page = ada.get("/queues/orders/messages").await.expect(200);
    let waiting = page.parse::<wire::Page<wire::QueueMessage>>().items;
    let waiting: Vec<_> = waiting.iter().map(|message| (message.body.as_str(), message.receives)).collect();
    assert_eq!(waiting, [("retry 900000", 1), ("second", 0), ("third", 0)]);
    let done = depth(&ada, "orders").await;
    assert_eq!((done.messages, done.acknowledged, done.dead), (3, 3, 0));
}

#[tokio::test]
async fn a_batch_waits_within_its_window_until_it_is_full() {
    let (project, ada) = worker(json!({ "batch_size": 3, "batch_window_ms": 60_000 })).await;
    for body in ["one", "two", "three"] {
        send(&ada, texts(&[body])).await;
    }
    let done = until(&ada, "orders", |depth| depth.messages == 0).await;
    assert_eq!(done.acknowledged, 3);
    let metrics = project.platform().control(Method::GET, "/metrics").send().await.expect(200).text();
    let invocations =
        metrics.lines().find(|line| line.starts_with("faas_invocations_total") && line.contains("pubsub"));
    assert!(invocations.is_some_and(|line| line.ends_with(" 1")), "{invocations:?}");
}

#[tokio::test]
async fn a_paused_queue_hands_out_nothing_until_it_is_resumed() {
    let (_, ada) = worker(json!({})).await;
    ada.post("/queues/orders/pause", json!({})).await.expect(200);
    send(&ada, texts(&["one"])).await;
    assert_eq!(depth(&ada, "orders").await.messages, 1);
    ada.post("/queues/orders/resume", json!({})).await.expect(200);
    let done = until(&ada, "orders", |depth| depth.messages == 0).await;
    assert_eq!(done.acknowledged, 1);
}

#[tokio::test]
async fn a_trigger_that_is_taken_away_consumes_no_more() {
    let (_, ada) = worker(json!({})).await;
    send(&ada, texts(&["one"])).await;
    until(&ada, "orders", |depth| depth.messages == 0).await;
    route(&ada, "worker", 1, json!([])).await;
    send(&ada, texts(&["two"])).await;
    route(&ada, "worker", 1, json!([{ "type": "queue", "queue": "elsewhere" }])).await;
    ada.post("/queues/elsewhere/messages", json!({ "body": "three" })).await.expect(201);
    until(&ada, "elsewhere", |depth| depth.acknowledged == 1).await;
    let left = depth(&ada, "orders").await;
    assert_eq!((left.messages, left.acknowledged, left.in_flight), (1, 1, 0));
}

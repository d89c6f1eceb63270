//! The example guests of an order's way: each does its part, and doing it twice does no harm.

use std::time::Duration;

use bytes::Bytes;
use runtime::{Batch, Disposition, Failure, Function, Message, NewMessage, Payload, Slot};
use serde_json::{Value, json};

use super::stage::{Invocation, Stage, call, request};

const PATIENCE: Duration = Duration::from_secs(60);

/// A stage whose guests may send to `queues` and use the bucket `orders`.
fn shop(queues: &[&str]) -> Stage {
    let mut stage = Stage::new();
    stage.configuration.key_value.insert("orders".parse().unwrap());
    for queue in queues {
        stage.configuration.sends_to.insert(queue.parse().unwrap());
        stage.host.add_queue(queue);
    }
    stage
}

fn received(message: NewMessage) -> Message {
    Message {
        id: "msg_1".to_owned(),
        body: message.body,
        content_type: message.content_type,
        attributes: message.attributes,
        group: message.group,
        receives: 1,
        enqueued_at_us: 1,
        first_enqueued_at_us: 1,
    }
}

async fn consumed(function: &Function, messages: Vec<Message>) -> Vec<Disposition> {
    let batch = Batch { queue: "a-queue".to_owned(), messages };
    function.consume(call().0, PATIENCE, batch).await.unwrap()
}

fn order(id: &str, skus: &[&str]) -> Value {
    let items: Vec<_> = skus.iter().map(|sku| json!({ "sku": sku, "quantity": 2 })).collect();
    json!({ "id": id, "items": items })
}

async fn posted(function: &Function, body: &Value) -> (u16, String) {
    let mut answer = Invocation::begin(function, request("/orders", Bytes::from(body.to_string()))).await;
    let status = answer.answer.as_ref().unwrap().status().as_u16();
    (status, answer.text().await)
}

#[tokio::test]
async fn an_order_is_checked_before_it_is_queued() {
    let stage = shop(&["orders"]);
    let intake = stage.function("order-intake").await;
    assert_eq!(posted(&intake, &order("o-1", &["apple"])).await, (202, "msg_0".to_owned()));
    let sent = stage.host.take_sent("orders");
    assert_eq!(serde_json::from_slice::<Value>(&sent[0].body).unwrap(), order("o-1", &["apple"]));
    assert_eq!(sent[0].deduplication_key.as_deref(), Some("o-1"));
    for (bad, field) in [
        (order("o 1", &["apple"]), "id:"),
        (order("o-1", &[]), "items:"),
        (order("o-1", &["apple", ""]), "items[1]:"),
        (json!({ "id": "o-1" }), "items"),
    ] {
        let (status, problem) = posted(&intake, &bad).await;
        assert!(status == 422 && problem.contains(field), "{status} {problem}");
    }
    assert!(stage.host.take_sent("orders").is_empty());
}

#[tokio::test]
async fn an_orders_items_are_fanned_out_and_counted_in() {
    let stage = shop(&["order-items", "orders-complete"]);
    let (fan_out, items) = (stage.function("order-fan-out").await, stage.function("order-items").await);
    let order = NewMessage { body: order("o-1", &["apple", "pear", "plum"]).to_string().into_bytes(), ..empty() };
    assert_eq!(consumed(&fan_out, vec![received(order)]).await, [Disposition::Ack]);
    let lines: Vec<_> = stage.host.take_sent("order-items").into_iter().map(received).collect();
    assert_eq!(lines.len(), 3);
    // All but the last, one of them twice.
    let early = vec![lines[0].clone(), lines[1].clone(), lines[0].clone()];
    assert_eq!(consumed(&items, early).await, [Disposition::Ack, Disposition::Ack, Disposition::Ack]);
    assert!(stage.host.take_sent("orders-complete").is_empty());
    assert_eq!(consumed(&items, vec![lines[2].clone()]).await, [Disposition::Ack]);
    let complete = stage.host.take_sent("orders-complete");
    assert_eq!((complete.len(), complete[0].body.as_slice()), (1, &b"o-1"[..]));
    assert_eq!(stage.host.value("orders", "picked").as_deref(), Some("6"));
}

#[tokio::test]
async fn one_bad_message_of_a_batch_holds_up_no_other() {
    let stage = shop(&["order-items", "orders-complete"]);
    let items = stage.function("order-items").await;
    let line = |line: usize, sku: &str| {
        let line = json!({ "order": "o-1", "line": line, "of": 9, "sku": sku, "quantity": 1 });
        received(NewMessage { body: line.to_string().into_bytes(), ..empty() })
    };
    let garbage = received(NewMessage { body: b"{".to_vec(), ..empty() });
    let outcomes = consumed(&items, vec![line(0, "apple"), garbage, line(1, "unknown-fruit"), line(2, "pear")]).await;
    let [Disposition::Ack, Disposition::Reject(_), Disposition::Reject(why), Disposition::Ack] = outcomes.as_slice()
    else {
        panic!("{outcomes:?}")
    };
    assert_eq!(why, "unknown-fruit is not sold");
    assert_eq!(stage.host.value("orders", "picked").as_deref(), Some("2"));
}

#[tokio::test]
async fn a_report_is_written_once_for_each_slot() {
    let stage = shop(&["orders-complete"]);
    let (items, report) = (stage.function("order-items").await, stage.function("order-report").await);
    let line = json!({ "order": "o-1", "line": 0, "of": 2, "sku": "apple", "quantity": 7 });
    consumed(&items, vec![received(NewMessage { body: line.to_string().into_bytes(), ..empty() })]).await;
    let run = async |scheduled_at_us, attempt| {
        let slot = Slot { id: "slt_1".to_owned(), name: "nightly".to_owned(), scheduled_at_us, attempt };
        assert_eq!(report.run_slot(call().0, PATIENCE, slot).await, Ok(Ok(())));
    };
    run(1_000, 1).await;
    run(1_000, 2).await;
    run(2_000, 1).await;
    let written = |at: &str| stage.host.value("orders", &format!("reports/{at}")).unwrap();
    assert_eq!(written("00000000000000001000"), r#"{"until_us":1000,"picked":7,"since_last":7}"#);
    assert_eq!(written("00000000000000002000"), r#"{"until_us":2000,"picked":7,"since_last":0}"#);
}

#[tokio::test]
async fn one_function_asks_another() {
    let mut stage = Stage::new();
    stage.configuration.invokes.insert("price".parse().unwrap());
    stage.host.add_function("price", stage.function("order-price").await);
    let quote = stage.function("order-quote").await;
    let ask = async |order: Value| {
        let payload = Payload { content_type: "application/json".to_owned(), body: order.to_string().into_bytes() };
        quote.invoke(call().0, payload).await.unwrap()
    };
    let answer = ask(order("o-1", &["apple", "fig"])).await.unwrap();
    assert_eq!((answer.content_type.as_str(), answer.body.as_slice()), ("application/json", &br#"{"cents":1600}"#[..]));
    let Failure { code, message } = ask(order("o-1", &["apple", "unknown-fruit"])).await.unwrap_err();
    assert_eq!((code.as_str(), message.as_str()), ("unknown-item", "unknown-fruit is not sold"));
}

fn empty() -> NewMessage {
    NewMessage {
        body: Vec::new(),
        content_type: "application/json".to_owned(),
        attributes: Vec::new(),
        group: None,
        deduplication_key: None,
        delay_ms: 0,
    }
}

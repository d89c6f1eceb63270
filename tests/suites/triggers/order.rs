//! An order's way through the whole platform: taken over HTTP, queued, fanned out, counted in, priced by a chain.

use harness::{Actor, Project};
use http::Method;
use serde_json::{Value, json};

use super::stage::{demo, route, upload_with};

/// Deploys the guest `component` as `function` on `triggers`.
async fn deploy(actor: &Actor, function: &str, component: &str, configuration: Value, triggers: Value) {
    actor.post("/functions", json!({ "name": function })).await.expect(201);
    let version = upload_with(actor, function, component, configuration).await;
    route(actor, function, version, triggers).await;
}

/// The functions of the example's README.
async fn shop() -> (Project, Actor) {
    let (project, ada) = demo().await;
    ada.post("/queues", json!({ "name": "orders-complete" })).await.expect(201);
    let on = |queue: &str| json!([{ "type": "queue", "queue": queue }]);
    let items = json!({ "key_value": ["orders"], "sends_to": ["orders-complete"] });
    deploy(&ada, "items", "order-items", items, on("order-items")).await;
    deploy(&ada, "fan-out", "order-fan-out", json!({ "sends_to": ["order-items"] }), on("orders")).await;
    let orders = json!([{ "type": "http", "path": "/orders", "methods": ["POST"] }]);
    deploy(&ada, "intake", "order-intake", json!({ "sends_to": ["orders"] }), orders).await;
    (project, ada)
}

#[tokio::test]
async fn an_order_is_taken_fanned_out_and_counted_in() {
    let (project, ada) = shop().await;
    let item = |sku: &str| json!({ "sku": sku, "quantity": 2 });
    let order =
        |id: &str, skus: &[&str]| json!({ "id": id, "items": skus.iter().map(|sku| item(sku)).collect::<Vec<_>>() });
    for (order, status) in [
        (order("o-1", &["apple", "pear", "plum"]), 202),
        (order("o-1", &["apple", "pear", "plum"]), 202),
        (order("o-2", &["apple", "unknown-fruit"]), 202),
        (order("o 3", &["apple"]), 422),
    ] {
        project.call(Method::POST, "/orders").body(order.to_string()).send().await.expect(status);
    }
    let depth = async |queue: &str| ada.get(&format!("/queues/{queue}")).await.expect(200).parse::<wire::Queue>().depth;
    loop {
        let (complete, refused) = (depth("orders-complete").await.messages, depth("order-items-dlq").await.messages);
        if (complete, refused) == (1, 1) {
            break;
        }
        tokio::task::yield_now().await;
    }
    let page = ada.get("/queues/orders-complete/messages").await.expect(200);
    let complete = page.parse::<wire::Page<wire::QueueMessage>>().items;
    assert_eq!(complete.iter().map(|message| message.body.as_str()).collect::<Vec<_>>(), ["o-1"]);
}

#[tokio::test]
async fn a_function_calls_another_of_its_project_by_name() {
    let (_, ada) = demo().await;
    deploy(&ada, "price", "order-price", json!({}), json!([])).await;
    deploy(&ada, "quote", "order-quote", json!({ "invokes": ["price"] }), json!([])).await;
    let order = json!({ "items": [{ "sku": "apple", "quantity": 2 }, { "sku": "fig", "quantity": 1 }] });
    let body = json!({ "content_type": "application/json", "body": order.to_string() });
    let taken: wire::Call = ada.post("/functions/quote/calls", body).await.expect(202).parse();
    let done = loop {
        let call: wire::Call = ada.get(&format!("/functions/quote/calls/{}", taken.id)).await.expect(200).parse();
        if call.ended_at_us.is_some() || call.error.is_some() {
            break call;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(done.error, None);
    assert_eq!(done.answer.unwrap().body, r#"{"cents":1300}"#);
}

#[tokio::test]
async fn a_trigger_whose_handler_is_missing_is_refused_and_the_export_named() {
    let (_, ada) = demo().await;
    ada.post("/functions", json!({ "name": "hello" })).await.expect(201);
    let version = upload_with(&ada, "hello", "hello", json!({})).await;
    let body = json!({
        "versions": [{ "version": version, "weight": 100 }],
        "triggers": [{ "type": "queue", "queue": "orders" }],
    });
    let refused = ada.post("/functions/hello/deployments", body).await;
    let problem = refused.expect(409).problem();
    assert_eq!(problem.code, "missing-handler");
    assert!(problem.detail.contains("dormouse:queue/consumer@0.1"));
}

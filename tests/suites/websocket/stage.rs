//! What the suites of WebSockets have in common: a project whose function echoes.

use harness::{Actor, Builder, Platform, Project};
use serde_json::{Value, json};

use crate::triggers::stage::{demo_on, route, upload_with};

/// The project `demo` with the guest `ws-echo` as its function `echo`, at `/ws`.
pub(super) async fn echo() -> (Project, Actor) {
    echo_with(&[], json!({}), json!({})).await
}

/// As [`echo`], on a server with more arguments, with a configuration and with fields of the trigger.
pub(super) async fn echo_with(arguments: &[&str], configuration: Value, trigger: Value) -> (Project, Actor) {
    let builder = arguments.iter().fold(Platform::builder(), |builder, argument| Builder::argument(builder, *argument));
    let (project, ada) = demo_on(builder.start().await).await;
    upload_with(&ada, "echo", "ws-echo", configuration).await;
    route(&ada, "echo", 1, json!([socket(trigger)])).await;
    (project, ada)
}

/// A trigger at `/ws` with more fields.
pub(super) fn socket(more: Value) -> Value {
    let mut trigger = json!({ "type": "websocket", "path": "/ws" });
    for (name, value) in more.as_object().expect("fields") {
        trigger[name] = value.clone();
    }
    trigger
}

/// How many connections the project has, by the API.
pub(super) async fn open(ada: &Actor) -> u64 {
    let counts = ada.get("/connections/counts").await.expect(200);
    counts.items().iter().map(|count| count["open"].as_u64().expect("a count")).sum()
}

/// Waits until the project has `wanted` connections.
pub(super) async fn until_open(ada: &Actor, wanted: u64) {
    while open(ada).await != wanted {
        tokio::task::yield_now().await;
    }
}

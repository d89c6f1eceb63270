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
/// The figure of the first line of `/metrics` that begins with `name` and has all of `parts`; 0 without such a line.
pub(super) async fn metric(project: &Project, name: &str, parts: &[&str]) -> f64 {
    let text = project.platform().control(http::Method::GET, "/metrics").send().await.text();
    let mut lines = text.lines().filter(|line| line.starts_with(name));
    let line = lines.find(|line| parts.iter().all(|part| line.contains(part)));
    line.and_then(|line| line.rsplit(' ').next()).and_then(|value| value.parse().ok()).unwrap_or(0.0)
}

/// How many of something there are: `all` where `FULL=1` asks for it, else `few`.
pub(super) fn many(few: usize, all: usize) -> usize {
    if std::env::var_os("FULL").is_some() { all } else { few }
}

/// Shows a figure to whoever runs the suite; output of tests that pass is hidden otherwise.
pub(super) fn show(figure: &str) {
    use std::io::Write as _;
    std::io::stderr().write_all(format!("{figure}\n").as_bytes()).expect("a place for figures");
}

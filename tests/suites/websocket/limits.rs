//! What a trigger bounds, which version handles messages, and what is counted.

use serde_json::json;

use super::{
    client::{FINAL, Socket, TEXT, close, frame},
    stage::{echo, echo_with, metric, socket, until_open},
};
use crate::triggers::stage::{route, upload_with};

#[tokio::test]
async fn a_connection_without_messages_is_closed_when_its_time_is_over() {
    let (project, _) = echo_with(&[], json!({}), json!({ "idle_timeout_ms": 1_000 })).await;
    let mut idle = Socket::open(&project, "/ws").await;
    // A ping is no message.
    idle.raw(&frame(FINAL | 0x9, b"")).await;
    assert_eq!(idle.closed().await, Some((1_001, "idle for too long".to_owned())));
    idle.raw(&close(1_001, "")).await;
    assert_eq!(idle.next().await, None);
    assert!(metric(&project, "dormouse_websockets_closed_total", &["\"idle\""]).await >= 1.0);
}

#[tokio::test]
async fn a_trigger_bounds_the_size_of_messages() {
    let (project, _) = echo_with(&[], json!({}), json!({ "message_bytes": 10 })).await;
    let mut socket = Socket::open(&project, "/ws").await;
    assert_eq!(socket.exchange("ten  bytes").await, "ten  bytes");
    socket.raw(&frame(FINAL | TEXT, b"some bytes more")).await;
    assert_eq!(socket.closed().await.map(|(code, _)| code), Some(1_009));
}

#[tokio::test]
async fn a_connection_stays_on_its_version_or_moves_with_its_next_message() {
    let (project, ada) = echo().await;
    for version in ["one", "two"] {
        upload_with(&ada, "echo", "ws-echo", json!({ "variables": { "VERSION": version } })).await;
    }
    let triggers = json!([socket(json!({})), socket(json!({ "path": "/moving", "migrate": "next-message" }))]);
    route(&ada, "echo", 2, triggers.clone()).await;
    let (mut staying, mut moving) = (Socket::open(&project, "/ws").await, Socket::open(&project, "/moving").await);
    assert_eq!((staying.exchange("version").await, moving.exchange("version").await), ("one".into(), "one".into()));
    assert_eq!(staying.exchange("attach kept").await + &moving.exchange("attach kept").await, "donedone");
    route(&ada, "echo", 3, triggers).await;
    assert_eq!((staying.exchange("version").await, moving.exchange("version").await), ("one".into(), "two".into()));
    assert_eq!(staying.exchange("attachment").await + &moving.exchange("attachment").await, "keptkept");
    let counts = ada.get("/connections/counts").await.expect(200).items();
    let of: Vec<_> = counts.iter().map(|count| (count["version"].clone(), count["open"].clone())).collect();
    assert_eq!(of, [(json!(2), json!(1)), (json!(3), json!(1))]);
    ada.roll_back("echo").await;
    assert_eq!((staying.exchange("version").await, moving.exchange("version").await), ("one".into(), "one".into()));
    staying.leave().await;
    moving.leave().await;
}

#[tokio::test]
async fn what_passes_is_counted() {
    let (project, ada) = echo().await;
    let mut socket = Socket::open(&project, "/ws").await;
    assert_eq!(socket.exchange("hello").await, "hello");
    assert_eq!(metric(&project, "dormouse_websockets_open", &["faas_name=\"echo\"", "\"v1\""]).await, 1.0);
    for direction in ["\"receive\"", "\"transmit\""] {
        assert_eq!(metric(&project, "dormouse_websocket_messages_total", &[direction]).await, 1.0);
        assert_eq!(metric(&project, "dormouse_websocket_io_bytes_total", &[direction]).await, 5.0);
    }
    // It is a WebSocket now, and holds no place among the connections of HTTP.
    assert_eq!(metric(&project, "dormouse_connections_active", &[]).await, 0.0);
    socket.leave().await;
    until_open(&ada, 0).await;
    assert_eq!(metric(&project, "dormouse_websockets_open", &["faas_name=\"echo\""]).await, 0.0);
    assert_eq!(metric(&project, "dormouse_websockets_closed_total", &["\"client\""]).await, 1.0);
}

#[tokio::test]
async fn the_connections_of_a_function_that_is_deleted_are_closed() {
    let (project, ada) = echo().await;
    let mut socket = Socket::open(&project, "/ws").await;
    ada.delete("/functions/echo").await.expect(204);
    assert_eq!(socket.closed().await, Some((1_001, "the function was deleted".to_owned())));
}

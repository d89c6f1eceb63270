//! Who may connect, and what is answered to those who may not.

use serde_json::{Value, json};

use super::{
    client::{Socket, ask, refused, request},
    stage::{echo, echo_with, open, socket, until_open},
};
use crate::triggers::stage::{route, upload_with};

fn code(body: &str) -> String {
    let problem: Value = serde_json::from_str(body).expect("a problem");
    assert!(problem["invocation_id"].as_str().is_some_and(|id| id.starts_with("inv_")), "{problem}");
    problem["code"].as_str().expect("a code").to_owned()
}

#[tokio::test]
async fn a_handshake_that_is_not_one_is_refused_with_what_is_wrong() {
    let (project, ada) = echo().await;
    let good = request(&project, "/ws", &[]);
    for (what, wrong, status, expected) in [
        ("no connection", good.replace("Connection: Upgrade\r\n", ""), 400, "malformed-handshake"),
        ("another connection", good.replace("Connection: Upgrade", "Connection: close"), 400, "malformed-handshake"),
        ("no version", good.replace("Sec-WebSocket-Version: 13\r\n", ""), 400, "malformed-handshake"),
        ("version 8", good.replace("Version: 13", "Version: 8"), 426, "websocket-version"),
        ("two versions", good.replace("Version: 13", "Version: 13, 8"), 426, "websocket-version"),
        ("no key", good.replace("Sec-WebSocket-Key", "Key"), 400, "malformed-handshake"),
        ("a short key", good.replace("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZQ=="), 400, "malformed-handshake"),
        ("a key that is not base64", good.replace("dGhl", "d*hl"), 400, "malformed-handshake"),
        (
            "two keys",
            good.replace("\r\n\r\n", "\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEC==\r\n\r\n"),
            400,
            "malformed-handshake",
        ),
        (
            "a name twice",
            good.replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: a, a\r\n\r\n"),
            400,
            "malformed-handshake",
        ),
        ("a body", good.replace("\r\n\r\n", "\r\nContent-Length: 1\r\n\r\nx"), 400, "malformed-handshake"),
        ("no upgrade", good.replace("Upgrade: websocket\r\nConnection: Upgrade\r\n", ""), 426, "upgrade-required"),
        ("another upgrade", good.replace("Upgrade: websocket", "Upgrade: h2c"), 426, "upgrade-required"),
        ("another method", good.replace("GET /ws", "POST /ws"), 405, "method-not-allowed"),
        ("another path", good.replace("GET /ws", "GET /wss"), 404, "no-route"),
        ("another host", good.replace("Host: demo", "Host: other"), 404, "no-route"),
        ("HTTP/1.0", good.replace("HTTP/1.1", "HTTP/1.0"), 426, "upgrade-required"),
    ] {
        let (socket, body) = ask(&project, &wrong).await;
        assert_eq!((socket.head.status, code(&body).as_str()), (status, expected), "{what}: {body}");
        assert!(socket.head.header("dormouse-invocation").is_some(), "{what}");
        if status == 426 {
            assert_eq!(socket.head.header("sec-websocket-version"), Some("13"), "{what}");
            assert_eq!(socket.head.header("upgrade"), Some("websocket"), "{what}");
        }
    }
    assert_eq!(open(&ada).await, 0);
}

#[tokio::test]
async fn headers_of_a_handshake_may_be_spelled_in_all_ways_that_http_allows() {
    let (project, _) = echo().await;
    let good = request(&project, "/ws", &[]);
    for other in [
        good.replace("Upgrade: websocket", "upgrade: WebSocket"),
        good.replace("Connection: Upgrade", "Connection: keep-alive, upgrade"),
        good.replace("Connection: Upgrade", "Connection: keep-alive\r\nConnection: UPGRADE"),
        good.replace("Upgrade: websocket", "Upgrade: h2c, websocket"),
        good.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
    ] {
        let (mut socket, body) = ask(&project, &other).await;
        assert_eq!(socket.head.status, 101, "{other} {body}");
        assert_eq!(socket.head.header("sec-websocket-extensions"), None);
        assert_eq!(socket.exchange("hello").await, "hello");
    }
}

#[tokio::test]
async fn a_function_takes_one_of_the_subprotocols_or_none() {
    let (project, _) = echo().await;
    let offering =
        async |offered: &str| Socket::open_with(&project, "/ws", &[("Sec-WebSocket-Protocol", offered)]).await;
    assert_eq!(offering("other, chat.v1").await.head.header("sec-websocket-protocol"), Some("chat.v1"));
    assert_eq!(offering("other").await.head.header("sec-websocket-protocol"), None);
    assert_eq!(Socket::open(&project, "/ws").await.head.header("sec-websocket-protocol"), None);
}

#[tokio::test]
async fn a_function_refuses_in_its_own_words_and_no_connection_is_left() {
    let (project, ada) = echo().await;
    for (asked, status) in [("401", 401), ("503", 503), ("200", 500), ("99", 500), ("302", 500)] {
        let (head, body) = refused(&project, &format!("/ws?refuse={asked}"), &[]).await;
        assert_eq!((head.status, body.as_str()), (status, "refused as asked for"));
        assert_eq!(head.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(head.header("dormouse-version"), Some("v1"));
        assert!(head.header("dormouse-invocation").is_some_and(|id| id.starts_with("inv_")));
    }
    let (head, body) = refused(&project, "/ws?connect=trap", &[]).await;
    assert_eq!((head.status, code(&body).as_str()), (502, "trapped"));
    until_open(&ada, 0).await;
}

#[tokio::test]
async fn what_a_function_may_not_accept_with_is_a_bad_answer() {
    let (project, ada) = echo().await;
    let long = format!("/ws?group={}", "g".repeat(129));
    let large = format!("/ws?attach={}", "a".repeat(16_385));
    let many = format!("/ws?{}", (0..65).map(|n| format!("group=g{n}")).collect::<Vec<_>>().join("&"));
    for path in [long, large, many] {
        let (head, body) = refused(&project, &path, &[]).await;
        assert_eq!((head.status, code(&body).as_str()), (502, "no-answer"), "{body}");
    }
    until_open(&ada, 0).await;
}

#[tokio::test]
async fn what_is_sent_during_the_handshake_comes_after_it_and_what_was_attached_stays() {
    let (project, _) = echo().await;
    let mut socket = Socket::open(&project, "/ws?hello=welcome&attach=seat+7&group=hall").await;
    assert_eq!(socket.hear().await, "welcome");
    assert_eq!(socket.exchange("attachment").await, "seat 7");
    assert_eq!(socket.exchange("count hall").await, "1");
    socket.leave().await;
}

#[tokio::test]
async fn pages_of_other_origins_may_not_connect() {
    let (project, ada) = echo().await;
    let own = format!("http://{}:{}", project.host(), project.platform().data_port());
    Socket::open_with(&project, "/ws", &[("Origin", &own)]).await.leave().await;
    for origin in ["http://evil.example", "null", "http://demo.localhost"] {
        let (head, body) = refused(&project, "/ws", &[("Origin", origin)]).await;
        assert_eq!((head.status, code(&body).as_str()), (403, "foreign-origin"), "{origin}");
    }
    route(&ada, "echo", 1, json!([socket(json!({ "origins": ["https://app.example.com"] }))])).await;
    Socket::open_with(&project, "/ws", &[("Origin", "https://app.example.com")]).await.leave().await;
    assert_eq!(refused(&project, "/ws", &[("Origin", &own)]).await.0.status, 403);
}

#[tokio::test]
async fn a_path_may_have_both_http_and_websockets() {
    let (project, ada) = echo().await;
    upload_with(&ada, "page", "hello", json!({})).await;
    let http = |path: &str| json!([{ "type": "http", "path": path }]);
    route(&ada, "page", 1, http("/{*rest}")).await;
    assert_eq!(project.fetch("/ws").await.status(), 200);
    Socket::open(&project, "/ws").await.leave().await;
    // Where there is only HTTP, an upgrade is a request as any other.
    let (socket, _) = ask(&project, &request(&project, "/page", &[])).await;
    assert_eq!(socket.head.status, 200);
}

#[tokio::test]
async fn no_more_connections_are_open_than_may_be_and_those_that_end_make_room() {
    let (project, ada) = echo_with(&["--project-websockets", "2"], json!({}), json!({})).await;
    let (first, second) = (Socket::open(&project, "/ws").await, Socket::open(&project, "/ws").await);
    let (head, body) = refused(&project, "/ws", &[]).await;
    assert_eq!((head.status, code(&body).as_str()), (503, "too-many-connections"));
    assert!(head.header("retry-after").is_some());
    first.leave().await;
    until_open(&ada, 1).await;
    Socket::open(&project, "/ws").await.leave().await;
    second.leave().await;
}

#[tokio::test]
async fn a_version_is_reached_by_its_preview_host_before_it_is_live() {
    let (project, _) = echo().await;
    let host = project.preview_host("echo", 1);
    let asked = request(&project, "/anything?hello=hi", &[])
        .replace(&format!("Host: {}", project.host()), &format!("Host: {host}"));
    let (mut socket, body) = ask(&project, &asked).await;
    assert_eq!(socket.head.status, 101, "{body}");
    assert_eq!(socket.hear().await, "hi");
}

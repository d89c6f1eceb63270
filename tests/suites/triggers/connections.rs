//! Connections: what slow and odd clients get, and how connections end.

use std::time::{Duration, Instant};

use futures::{StreamExt as _, stream};
use harness::{Project, guest};
use http::Method;
use http_body_util::{BodyExt as _, StreamBody};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::stage::{data, demo, piecewise, upload_with};

/// Ample for what the server does after ten seconds.
const PATIENCE: Duration = Duration::from_secs(30);

async fn connect(project: &Project) -> TcpStream {
    TcpStream::connect(("127.0.0.1", project.platform().data_port())).await.unwrap()
}

/// All that the server sends on `connection` until it closes it.
async fn all(connection: &mut TcpStream) -> String {
    let mut text = Vec::new();
    // A connection that is reset is closed too.
    let _ = timeout(PATIENCE, connection.read_to_end(&mut text)).await.expect("a connection that is closed");
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn a_client_that_does_not_finish_its_head_is_cut_off() {
    let (project, _) = demo().await;
    let slow = async |start: &[u8]| {
        let begun = Instant::now();
        let mut connection = connect(&project).await;
        connection.write_all(start).await.unwrap();
        let said = all(&mut connection).await;
        assert!(!said.contains("200 OK"), "{said}");
        assert!(begun.elapsed() >= Duration::from_secs(9), "cut off after {:?}", begun.elapsed());
    };
    tokio::join!(slow(b""), slow(b"PRI * HT"), slow(b"GET / HTTP/1.1\r\nHost: demo.localhost\r\nX-Slow: "));
}

#[tokio::test]
async fn a_client_that_asks_first_is_told_to_go_on_or_refused_at_once() {
    let (project, ada) = demo().await;
    let limits = serde_json::json!({ "limits": { "request_body_bytes": 1_000 } });
    upload_with(&ada, "hostile", "hostile", limits).await;
    let host = project.preview_host("hostile", 1);
    let asking = async |length: u32| {
        let mut connection = connect(&project).await;
        let head = format!(
            "POST /swallow HTTP/1.1\r\nHost: {host}\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        connection
    };
    let refused = all(&mut asking(1_001).await).await;
    assert!(refused.starts_with("HTTP/1.1 413 "), "{refused}");

    let mut connection = asking(5).await;
    let mut interim = [0; 25];
    connection.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    connection.write_all(b"hello").await.unwrap();
    let answer = all(&mut connection).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("5 bytes\n"), "{answer}");
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_gives_the_place_back_at_the_deadline() {
    let (project, ada) = demo().await;
    let limits = serde_json::json!({ "limits": { "concurrency": 1, "timeout_ms": 500 } });
    upload_with(&ada, "echo", "echo", limits).await;
    let request = || project.preview("echo", 1, Method::POST, "/");
    let endless = || StreamBody::new(stream::repeat_with(|| Ok(data(vec![0; 64 << 10]))).take(1_600));
    for request in [request().stream(endless()), request().http2().stream(endless())] {
        let unread = request.open().await.unwrap();
        assert_eq!(unread.status(), 200);
        let begun = Instant::now();
        while project.preview("echo", 1, Method::POST, "/").send().await.status() == 429 {
            assert!(begun.elapsed() < PATIENCE, "the place is still taken");
            tokio::task::yield_now().await;
        }
        drop(unread);
    }
}

#[tokio::test]
async fn requests_under_way_end_when_the_platform_stops() {
    let (project, ada) = demo().await;
    ada.upload("echo", guest("echo")).await;
    let request = || project.preview("echo", 1, Method::POST, "/");
    let mut held = Vec::new();
    for request in [request(), request().http2()] {
        let (sender, body) = piecewise();
        sender.send(data("before, ")).await.unwrap();
        held.push((sender, request.stream(body).open().await.unwrap()));
    }
    project.platform().ask_to_end();
    while TcpStream::connect(("127.0.0.1", project.platform().data_port())).await.is_ok() {
        tokio::task::yield_now().await;
    }
    for (sender, answer) in held {
        sender.send(data("after")).await.unwrap();
        drop(sender);
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "before, after");
    }
    assert!(project.platform().terminate().await.success());
}

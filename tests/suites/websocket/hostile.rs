//! Clients and guests that mean harm, or do it: each is bounded, told with a clear code, and nobody else's business.

use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{
    client::{BINARY, CONTINUATION, FINAL, PING, PONG, Socket, TEXT, frame, head, request},
    stage::{echo, echo_with, metric, show, until_open},
};

#[tokio::test]
async fn floods_of_frames_without_messages_are_cut_off() {
    let (project, _) = echo().await;
    let mut witness = Socket::open(&project, "/ws").await;
    let (ping, pong) = (frame(FINAL | PING, b"!"), frame(FINAL | PONG, b"!"));
    for (what, first, flood) in [
        ("pings", vec![], ping),
        ("pongs", vec![], pong),
        ("empty fragments", frame(TEXT, b""), frame(CONTINUATION, b"")),
    ] {
        let mut flooding = Socket::open(&project, "/ws").await;
        flooding.raw(&[first, flood.repeat(1_000)].concat()).await;
        assert_eq!(flooding.closed().await.map(|(code, _)| code), Some(1_008), "{what}");
        assert_eq!(witness.exchange("unharmed").await, "unharmed");
    }
    assert!(metric(&project, "dormouse_websockets_closed_total", &["\"flood\""]).await >= 2.0);
}

#[tokio::test]
async fn fragments_without_end_are_too_large_a_message() {
    let (project, _) = echo_with(&[], json!({}), json!({ "message_bytes": 65_536 })).await;
    let mut endless = Socket::open(&project, "/ws").await;
    let many = frame(CONTINUATION, b"x").repeat(10_000);
    endless.raw(&frame(TEXT, b"x")).await;
    for _ in 0..20 {
        // Once it has closed, the server takes what comes for a while, and keeps none of it.
        if !endless.raw(&many).await {
            break;
        }
    }
    assert_eq!(endless.closed().await.map(|(code, _)| code), Some(1_009));
}

#[tokio::test]
async fn announced_bytes_that_never_come_take_no_memory() {
    const CONNECTIONS: u64 = 200;
    let (project, _) = echo().await;
    let before = project.platform().resident_bytes();
    let mut announcing = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut socket = Socket::open(&project, "/ws").await;
        socket.raw(&[head(FINAL | BINARY, 0x80, 1 << 20), vec![0; 5]].concat()).await;
        announcing.push(socket);
    }
    let mut witness = Socket::open(&project, "/ws").await;
    assert_eq!(witness.exchange("unharmed").await, "unharmed");
    let grown = project.platform().resident_bytes().saturating_sub(before);
    show(&format!("{CONNECTIONS} announcements of 1 MiB: {} KiB each", grown / CONNECTIONS / 1_024));
    assert!(grown < CONNECTIONS * (256 << 10), "{grown} bytes");
}

#[tokio::test]
async fn a_guest_that_traps_on_each_message_harms_its_own_connection_only() {
    let (project, ada) = echo().await;
    let mut witness = Socket::open(&project, "/ws?group=closings").await;
    for deed in ["trap", "memory", "exit"] {
        let mut socket = Socket::open(&project, "/ws").await;
        socket.say(deed).await;
        let (code, reason) = socket.closed().await.expect("a closing frame");
        assert!(code == 1_011 && reason.starts_with("the function failed: "), "{deed}: {code} {reason}");
        drop(socket);
        assert!(witness.hear().await.starts_with("closed 1011 the function failed"), "{deed}");
    }
    assert_eq!(witness.exchange("unharmed").await, "unharmed");
    until_open(&ada, 1).await;
    assert!(metric(&project, "dormouse_websockets_closed_total", &["\"failed\""]).await >= 3.0);
}

#[tokio::test]
async fn clients_that_leave_in_the_middle_of_a_handshake_leave_nothing_behind() {
    let (project, ada) = echo().await;
    let port = project.platform().data_port();
    for path in ["/ws?connect=sleep", "/ws"] {
        for _ in 0..20 {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            stream.write_all(request(&project, path, &[]).as_bytes()).await.unwrap();
        }
    }
    let mut half = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let whole = request(&project, "/ws", &[]);
    half.write_all(&whole.as_bytes()[..whole.len() / 2]).await.unwrap();
    until_open(&ada, 0).await;
    Socket::open(&project, "/ws").await.leave().await;
    until_open(&ada, 0).await;
    // The rest of a head has its time, as with every request.
    let mut rest = Vec::new();
    let _ = half.read_to_end(&mut rest).await;
}

#[tokio::test]
async fn who_sends_without_reading_is_not_read_from() {
    const MESSAGES: usize = 600;
    const BYTES: usize = 32 << 10;
    let (project, _) = echo().await;
    let before = project.platform().resident_bytes();
    let socket = Socket::open(&project, "/ws").await;
    let Socket { mut reader, mut writer, .. } = socket;
    let message = |n: usize| format!("{n:08}").repeat(BYTES / 8);
    let sender = tokio::spawn(async move {
        for n in 0..MESSAGES {
            writer.write_all(&frame(FINAL | TEXT, message(n).as_bytes())).await.unwrap();
        }
        writer
    });
    // Meanwhile the server is as quick as ever to others.
    let mut witness = Socket::open(&project, "/ws").await;
    for _ in 0..50 {
        assert_eq!(witness.exchange("unharmed").await, "unharmed");
    }
    let grown = project.platform().resident_bytes().saturating_sub(before);
    show(&format!("a client that sends {} MiB and does not read: {} KiB", (MESSAGES * BYTES) >> 20, grown >> 10));
    assert!(grown < 64 << 20, "{grown} bytes");
    for n in 0..MESSAGES {
        let frame = reader.next_for("an echo").await.expect("an echo");
        assert_eq!(frame.payload, message(n).into_bytes(), "message {n}");
    }
    drop(sender.await.unwrap());
}

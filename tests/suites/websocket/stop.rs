//! The end of a server: each connection hears of it, and what is under way is finished.

use std::collections::BTreeSet;

use serde_json::json;

use super::{
    client::{Socket, close},
    stage::{echo_with, until_open},
};

#[tokio::test]
async fn each_connection_is_told_when_to_come_back_and_the_server_ends_well() {
    const CONNECTIONS: usize = 50;
    let configuration = json!({ "limits": { "timeout_ms": 1_500 } });
    let (project, ada) = echo_with(&[], configuration, json!({})).await;
    let mut sockets = Vec::new();
    for _ in 0..CONNECTIONS {
        sockets.push(Socket::open(&project, "/ws").await);
    }
    let mut busy = Socket::open(&project, "/ws").await;
    until_open(&ada, CONNECTIONS as u64 + 1).await;
    busy.say("sleep").await;
    // The host has the message when it has answered a ping behind it.
    busy.raw(&super::client::frame(0x89, b"")).await;
    assert_eq!(busy.next().await.map(|frame| frame.first), Some(0x8a));
    project.platform().ask_to_end();
    let mut advice = BTreeSet::new();
    for mut socket in sockets {
        let (code, reason) = socket.closed().await.expect("a closing frame");
        assert!(code == 1_001 && reason.starts_with("reconnect in ") && reason.ends_with(" ms"), "{code} {reason}");
        advice.insert(reason);
        socket.raw(&close(1_001, "")).await;
    }
    assert!(advice.len() > CONNECTIONS / 2, "advice differs: {advice:?}");
    // What was under way came to its own end: here the guest's deadline.
    assert_eq!(busy.closed().await.map(|(code, _)| code), Some(1_011));
    drop(busy);
    assert_eq!(project.platform().ended().await.code(), Some(0));
}

#[tokio::test]
async fn connections_that_answer_nothing_do_not_hold_up_the_end() {
    let (project, _) = echo_with(&["--drain-timeout-s", "10"], json!({}), json!({})).await;
    let silent = Socket::open(&project, "/ws").await;
    assert_eq!(project.platform().terminate().await.code(), Some(0));
    drop(silent);
}

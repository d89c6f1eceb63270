//! Deployments and rollbacks under connections that talk: none is closed, and nothing is lost or out of order.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::json;

use super::{
    client::{FINAL, Socket, TEXT, frame},
    stage::{echo_with, many, open, show, socket},
};
use crate::triggers::stage::{route, upload_with};

/// Messages that a connection has under way at once.
const AHEAD: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn no_deployment_closes_a_connection_or_loses_a_message() {
    let (connections, swaps) = (many(50, 1_000), many(20, 200));
    let arguments = ["--project-concurrency", "2000", "--max-instances", "1000"];
    let configuration =
        |version: &str| json!({ "variables": { "VERSION": version }, "limits": { "concurrency": 1_000 } });
    let (project, ada) = echo_with(&arguments, configuration("one"), json!({})).await;
    upload_with(&ada, "echo", "ws-echo", configuration("two")).await;
    let triggers = json!([socket(json!({})), socket(json!({ "path": "/moving", "migrate": "next-message" }))]);
    route(&ada, "echo", 1, triggers.clone()).await;

    let over = Arc::new(AtomicBool::new(false));
    let mut talking = Vec::new();
    for n in 0..connections {
        let path = if n % 2 == 0 { "/ws" } else { "/moving" };
        let (mut socket, over) = (Socket::open(&project, path).await, Arc::clone(&over));
        talking.push(tokio::spawn(async move {
            let mut said = 0;
            while !over.load(Ordering::Relaxed) {
                let words: Vec<u8> = (said..said + AHEAD)
                    .flat_map(|word| frame(FINAL | TEXT, format!("{n}-{word}").as_bytes()))
                    .collect();
                assert!(socket.raw(&words).await);
                for word in said..said + AHEAD {
                    assert_eq!(socket.hear().await, format!("{n}-{word}"));
                }
                said += AHEAD;
            }
            (said, socket.exchange("version").await, socket)
        }));
    }
    for swap in 0..swaps {
        if swap % 2 == 0 {
            route(&ada, "echo", 2, triggers.clone()).await;
        } else {
            ada.roll_back("echo").await;
        }
    }
    route(&ada, "echo", 2, triggers).await;
    over.store(true, Ordering::Relaxed);
    let (mut words, mut sockets) = (0, Vec::new());
    for (n, task) in talking.into_iter().enumerate() {
        let (said, version, socket) = task.await.expect("a connection that was not closed");
        assert_eq!(version, if n % 2 == 0 { "one" } else { "two" }, "connection {n}");
        words += said;
        sockets.push(socket);
    }
    show(&format!("{swaps} swaps under {connections} connections: {words} messages, none lost, none closed"));
    assert_eq!(open(&ada).await, connections as u64);
}

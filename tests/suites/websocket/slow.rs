//! Clients that never read: what waits for them is bounded, and they are let go of with a reason that is counted.

use std::time::{Duration, Instant};

use futures::{StreamExt as _, stream};
use harness::Project;
use serde_json::json;
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpSocket, TcpStream},
};

use super::{
    client::{Socket, request},
    stage::{echo_with, many, metric, show, until_open},
};

/// The most bytes that wait for each of them.
const BUFFER: u64 = 64 << 10;

/// The bytes of each message to the hall.
const MESSAGE: usize = 16 << 10;

/// How many messages go to those who read them.
const ROUNDS: usize = 20;

/// A client that asks for a connection and never reads anything, with as little room as the kernel gives.
async fn deaf(project: &Project) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let address = ([127, 0, 0, 1], project.platform().data_port()).into();
    let mut stream = socket.connect(address).await.unwrap();
    stream.write_all(request(project, "/ws?group=hall", &[]).as_bytes()).await.unwrap();
    stream
}

/// How long 100 exchanges took at the 99th percentile.
async fn latency(socket: &mut Socket) -> Duration {
    let mut times = Vec::new();
    for _ in 0..100 {
        let begun = Instant::now();
        assert_eq!(socket.exchange("hello").await, "hello");
        times.push(begun.elapsed());
    }
    times.sort();
    times[98]
}

/// How long exchanges take at the 99th percentile right behind messages to the hall: the median of several.
async fn latency_beside_hall(witness: &mut Socket, hall: &mut [Socket]) -> Duration {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let reached = witness.exchange(&to_hall()).await;
        assert_eq!(reached, hall.len().to_string());
        times.push(latency(witness).await);
        // They read only now, so that their part of the work is not in what was measured.
        for socket in &mut *hall {
            assert_eq!(socket.hear().await.len(), MESSAGE);
        }
    }
    median(times)
}

fn to_hall() -> String {
    format!("publish hall {}", "x".repeat(MESSAGE))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[tokio::test]
async fn clients_that_never_read_are_bounded_and_let_go_of() {
    let clients = many(100, 500);
    let (project, ada) = echo_with(&[], json!({}), json!({ "buffer_bytes": BUFFER })).await;
    let mut witness = Socket::open(&project, "/ws").await;
    let alone = latency_beside_hall(&mut witness, &mut []).await;
    let deaf: Vec<_> = stream::iter(0..clients).map(|_| deaf(&project)).buffer_unordered(50).collect().await;
    until_open(&ada, clients as u64 + 1).await;
    let resident = project.platform().resident_bytes();
    let mut latencies = Vec::new();
    while witness.exchange(&to_hall()).await != "0" {
        latencies.push(latency(&mut witness).await);
    }
    let rounds = latencies.len();
    let meanwhile = median(latencies);
    let grown = project.platform().peak_resident_bytes().saturating_sub(resident);
    assert!(grown < clients as u64 * 2 * BUFFER + (64 << 20), "{grown} bytes");
    // Not one of them reads its closing frame; each is dropped.
    until_open(&ada, 1).await;
    let counted = metric(&project, "dormouse_websockets_closed_total", &["\"slow-reader\""]).await;
    assert_eq!(counted, clients as f64);
    drop(deaf);

    // As many that read come last, so that the peak of memory is that of those who do not.
    let open = |_| Socket::open(&project, "/ws?group=hall");
    let mut hall: Vec<_> = stream::iter(0..clients).map(open).buffer_unordered(50).collect().await;
    let attentive = latency_beside_hall(&mut witness, &mut hall).await;
    show(&format!(
        "{clients} clients that never read: {} KiB each at the peak; another's p99 {alone:?} alone, {attentive:?} behind \
        a message to as many that read, {meanwhile:?} behind one of {rounds} to those",
        grown / clients as u64 / 1_024
    ));
    witness.leave().await;
}

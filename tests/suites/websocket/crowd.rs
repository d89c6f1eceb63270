//! Many connections that sleep: what each costs, and how soon all of them hear of something.

use std::time::Instant;

use futures::{StreamExt as _, stream};
use serde_json::json;

use super::{
    client::Socket,
    stage::{echo_with, many, metric, show, until_open},
};

/// What a sleeping connection may cost in a server that is built for use.
const MOST_BYTES: u64 = 12 << 10;

/// Connections that this process may hold besides what else it has open.
fn allowed() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3)).and_then(|figure| figure.parse().ok());
    soft.map_or(usize::MAX, |soft: usize| soft.saturating_sub(400))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_sleeping_connections_costs_little_and_hears_at_once() {
    let connections = many(2_000, 10_000).min(allowed());
    let (project, ada) = echo_with(&[], json!({}), json!({})).await;
    // What every server has once it served something is not the connections' cost.
    let mut speaker = Socket::open(&project, "/ws").await;
    assert_eq!(speaker.exchange("hello").await, "hello");
    let before = project.platform().resident_bytes();
    let open = (0..connections).map(|_| Socket::open(&project, "/ws?group=hall"));
    let mut sleeping: Vec<_> = stream::iter(open).buffer_unordered(50).collect().await;
    until_open(&ada, connections as u64 + 1).await;
    let each = project.platform().resident_bytes().saturating_sub(before) / connections as u64;
    // The last one that was accepted may have its instance for a moment longer.
    while metric(&project, "dormouse_invocations_active", &["\"echo\""]).await != 0.0 {
        tokio::task::yield_now().await;
    }

    let begun = Instant::now();
    assert_eq!(speaker.exchange("publish hall news").await, connections.to_string());
    stream::iter(&mut sleeping).for_each_concurrent(None, async |socket| assert_eq!(socket.hear().await, "news")).await;
    let took = begun.elapsed();
    let is_for_use =
        harness::binary().components().any(|part| ["release", "dist"].iter().any(|name| part.as_os_str() == *name));
    show(&format!("{connections} sleeping connections: {each} bytes each; all heard of something in {took:?}"));
    assert!(!is_for_use || each <= MOST_BYTES, "{each} bytes each");
}

//! More live instances than the machine has room for: the server lives, and says so to those beyond.

use std::fs;

use domain::Limits;
use futures::stream::{FuturesUnordered, StreamExt as _};
use harness::{Client, guest};
use http::{Method, StatusCode};

use super::stage::{Stage, tell};
use crate::runtime::init;

/// Invocations that are under way at once.
const FLOOD: usize = 10_000;

/// Streams that the server takes from one connection.
const STREAMS: usize = 128;

/// A component with `more` in its core module, whose instances sleep for an hour.
fn sleeper(more: &str) -> Vec<u8> {
    let world = "package test:made; world w { include dormouse:platform/http-preview2@0.1.0; }";
    let text = format!(
        r#"(import "wasi:clocks/monotonic-clock@0.2.12" "subscribe-duration" (func $after (param i64) (result i32)))
        (import "wasi:io/poll@0.2.12" "[method]pollable.block" (func $block (param i32)))
        {more}
        (func (export "wasi:http/incoming-handler@0.2.12#handle") (param i32 i32)
            (call $block (call $after (i64.const 3600000000000))))"#
    );
    init::from_text(world, &text)
}

#[tokio::test]
async fn an_instance_takes_a_place_for_each_of_its_memories_and_for_each_four_tables() {
    let stage = Stage::empty(&["--max-instances", "8"]).await;
    let patient = Limits { timeout_ms: 600_000, ..Limits::default() };
    for (function, more) in [("memories", "(memory 1)".repeat(3)), ("tables", "(table 1 funcref)".repeat(8))] {
        stage.upload(function, &sleeper(&more), &patient).await;
    }
    fill(&stage, "memories", 2).await;
    fill(&stage, "tables", 4).await;
}

/// Has `function` asleep so often that no place is left, and lets go of it again.
async fn fill(stage: &Stage, function: &str, times: u64) {
    let sleep = || stage.rough.preview(function, 1, Method::GET, "/").http2().send();
    let mut under_way = FuturesUnordered::from_iter((0..times).map(|_| sleep()));
    tokio::select! {
        ended = under_way.next() => panic!("{ended:?}"),
        () = stage.until_active(times) => {}
    }
    under_way.push(sleep());
    let refused = under_way.next().await.unwrap();
    assert_eq!((refused.status(), refused.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"));
    stage.quiet.preview("hello", 1, Method::GET, "/").send().await.expect(503);
    drop(under_way);
    stage.quiet_again().await;
    stage.ask_neighbour().await;
}

/// The instances that the kernel's limit on memory mappings leaves room for.
fn room() -> u64 {
    let most = fs::read_to_string("/proc/sys/vm/max_map_count").unwrap();
    (most.trim().parse::<u64>().unwrap() - 8_000) / 8
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_live_instances_do_not_abort_the_server() {
    let arguments = ["--max-instances", "20000", "--project-concurrency", "10000"];
    let stage = Stage::empty(&arguments).await;
    let limits = Limits { concurrency: 10_000, timeout_ms: 600_000, ..Limits::default() };
    stage.upload("hostile2", &guest("hostile2"), &limits).await;
    let room = room().min(20_000);
    let asleep = room.min(FLOOD as u64);
    let url = format!("http://{}:{}/sleep", stage.rough.preview_host("hostile2", 1), stage.platform().data_port());

    let clients: Vec<Client> = (0..FLOOD.div_ceil(STREAMS)).map(|_| Client::new()).collect();
    let begin = |n: usize| clients[n / STREAMS].request(Method::GET, &url).http2().send();
    let mut under_way: FuturesUnordered<_> = (0..FLOOD).map(begin).collect();
    // Whoever sleeps does not answer: only those beyond the pool do.
    for _ in asleep..FLOOD as u64 {
        let refused = under_way.next().await.unwrap();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE, "{refused:?}");
        assert_eq!((refused.problem().code.as_str(), refused.header("retry-after")), ("unavailable", "1"));
    }
    tokio::select! {
        () = stage.until_active(asleep) => {}
        more = under_way.next() => panic!("{more:?}"),
    }
    let maps = fs::read_to_string(format!("/proc/{}/maps", stage.platform().ready().pid)).unwrap().lines().count();
    let resident = stage.platform().resident_bytes() >> 20;
    tell(&format!("{asleep} instances asleep: {maps} mappings, {resident} MiB resident"));
    if asleep == room {
        let neighbour = stage.quiet.preview("hello", 1, Method::GET, "/").send().await.expect(503);
        assert_eq!(neighbour.header("retry-after"), "1");
    }
    stage.platform().control(Method::GET, "/healthz").send().await.expect(200);

    drop(under_way);
    drop(clients);
    stage.quiet_again().await;
    for _ in 0..100 {
        stage.ask_neighbour().await;
    }
    tell(&format!("none asleep: {} MiB resident", stage.platform().resident_bytes() >> 20));
}

//! What guests answer, and how bodies flow.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use bytes::Bytes;
use domain::invocation::{Outcome, Stream};
use futures::{StreamExt, stream};
use http::{HeaderMap, HeaderValue};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use runtime::Body;

use super::stage::{Stage, piecewise, request};

#[tokio::test]
async fn a_guest_of_wasi_0_2_answers_in_a_fresh_instance() {
    let stage = Stage::new().variable("GREETING", "Moin");
    for _ in 0..3 {
        let mut greeting = stage.get("hello", "/hello/world?q=1").await;
        assert_eq!(greeting.answer.as_ref().unwrap().status(), 200);
        assert_eq!(greeting.text().await, "Moin from /hello/world\n");
        let report = greeting.report().await;
        assert_eq!((report.outcome, report.error), (Outcome::Ok, None));
        assert_eq!(report.usage.response_bytes, 23);
        assert!(report.usage.wall_us > 0 && report.usage.cpu_us > 0 && report.usage.memory_peak_bytes > 0);
    }
    assert_eq!(stage.runtime.running(), 0);
}

#[tokio::test]
async fn a_guest_of_wasi_0_3_answers() {
    let stage = Stage::new().variable("GREETING", "Moin");
    let mut greeting = stage.get("hello3", "/hello/world?q=1").await;
    assert_eq!(greeting.text().await, "Moin from /hello/world\n");
    let report = greeting.report().await;
    assert_eq!((report.outcome, report.error), (Outcome::Ok, None));
    assert_eq!(stage.runtime.running(), 0);
}

#[tokio::test]
async fn a_guest_sees_its_variables_and_no_others() {
    let stage = Stage::new().variable("COLOUR", "grey").variable("SIZE", "small");
    assert_eq!(stage.get("hostile", "/variables").await.text().await, "COLOUR=grey\nSIZE=small\n");
}

#[tokio::test]
async fn a_guest_finds_no_files_and_reaches_no_host() {
    let stage = Stage::new();
    let files = stage.get("hostile", "/files").await.text().await;
    assert!(files.starts_with("Err("), "{files}");
    let outbound = stage.get("hostile", "/outbound").await.text().await;
    assert!(outbound.starts_with("denied: ") && outbound.contains("HttpRequestDenied"), "{outbound}");
}

#[tokio::test]
async fn the_first_byte_of_an_answer_leaves_before_the_last_of_the_request_arrives() {
    let (sender, body) = piecewise();
    let stage = Stage::new();
    let echo = stage.send("echo", request("/", Bytes::new()).map(|_| body));
    let (first, echo) = tokio::join!(sender.send(Bytes::from_static(b"first ")), echo);
    first.unwrap();
    let mut answer = echo.answer.unwrap().into_body();
    assert_eq!(answer.frame().await.unwrap().unwrap().into_data().unwrap(), "first ");
    sender.send(Bytes::from_static(b"last")).await.unwrap();
    drop(sender);
    assert_eq!(answer.collect().await.unwrap().to_bytes(), "last");
}

#[tokio::test]
async fn trailers_pass_through_a_guest() {
    let trailers = HeaderMap::from_iter([("checksum".parse().unwrap(), HeaderValue::from_static("abc"))]);
    let frames = [Ok(Frame::data(Bytes::from_static(b"body"))), Ok(Frame::trailers(trailers.clone()))];
    let body = Body::stream(StreamBody::new(stream::iter(frames)));
    let echo = Stage::new().send("echo", request("/", Bytes::new()).map(|_| body)).await;
    let collected = echo.answer.unwrap().into_body().collect().await.unwrap();
    assert_eq!(collected.trailers(), Some(&trailers));
    assert_eq!(collected.to_bytes(), "body");
}

#[tokio::test]
async fn a_short_answer_is_there_as_a_whole_with_its_head() {
    let stage = Stage::new();
    for guest in ["hello", "hello3"] {
        let mut whole = None;
        // One that the clock interrupts on its way comes in pieces.
        for _ in 0..100 {
            let mut answer = stage.get(guest, "/").await;
            whole = answer.body().into_whole().ok();
            if whole.is_some() {
                break;
            }
        }
        assert_eq!(whole.as_deref(), Some(&b"Hello from /\n"[..]), "{guest}");
    }
}

#[tokio::test]
async fn a_large_body_is_never_held_whole() {
    const CHUNK_BYTES: usize = 256 << 10;
    const CHUNKS: usize = 256;
    let given = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&given);
    let chunks = stream::iter(0..CHUNKS).map(move |_| {
        counter.fetch_add(CHUNK_BYTES, Relaxed);
        Ok(Frame::data(Bytes::from(vec![42; CHUNK_BYTES])))
    });
    let stage = Stage::new();
    let body = Body::stream(StreamBody::new(chunks));
    let mut echo = stage.send("echo", request("/", Bytes::new()).map(|_| body)).await;
    let mut answer = echo.body();
    let (mut taken, mut most_under_way) = (0, 0);
    while let Some(frame) = answer.frame().await {
        taken += frame.unwrap().into_data().unwrap().len();
        most_under_way = most_under_way.max(given.load(Relaxed) - taken);
    }
    drop(answer);
    assert_eq!(taken, CHUNK_BYTES * CHUNKS);
    assert!(most_under_way <= 8 << 20, "{most_under_way} bytes were held between caller and guest");
    let report = echo.report().await;
    assert!(report.usage.memory_peak_bytes <= 8 << 20, "{:?}", report.usage);
    assert_eq!((report.usage.request_bytes, report.usage.response_bytes), (taken as u64, taken as u64));
}

#[tokio::test]
async fn lines_that_follow_each_other_leave_together() {
    const LINES: usize = 5_000;
    let mut stream = Stage::new().get("tour-wasip2", &format!("/stream?count={LINES}")).await;
    let mut answer = stream.body();
    let (mut frames, mut text) = (0, Vec::new());
    while let Some(frame) = answer.frame().await {
        text.extend_from_slice(&frame.unwrap().into_data().unwrap());
        frames += 1;
    }
    drop(answer);
    let lines: Vec<usize> = str::from_utf8(&text).unwrap().lines().map(|line| line.parse().unwrap()).collect();
    assert!(lines.iter().copied().eq(1..=LINES), "{} lines", lines.len());
    // What came before the guest was made to pause leaves by itself.
    assert!(frames <= LINES / 10, "{LINES} lines left in {frames} frames");
    let report = stream.report().await;
    assert_eq!((report.outcome, report.usage.response_bytes), (Outcome::Ok, text.len() as u64));
}

#[tokio::test]
async fn standard_streams_are_captured_up_to_a_limit() {
    let mut flood = Stage::new().get("hostile", "/flood").await;
    assert_eq!(flood.text().await, "written\n");
    let report = flood.report().await;
    assert!(report.logs_truncated);
    assert_eq!((report.logs[1].stream, report.logs[1].text.as_str()), (Stream::Stdout, "line 1"));
    let bytes: usize = report.logs.iter().map(|line| line.text.len()).sum();
    assert!(bytes <= 256 << 10, "{bytes}");
}

#[tokio::test]
async fn a_panic_message_is_in_the_log() {
    let report = Stage::new().get("trap", "/here").await.report().await;
    let logged = report.logs.iter().any(|line| line.stream == Stream::Stderr && line.text.contains("asked for /here"));
    assert!(logged, "{:?}", report.logs);
}

#[tokio::test]
async fn a_head_request_gets_the_head_and_is_no_failure() {
    let stage = Stage::new();
    let mut head = request("/", Bytes::from_static(b"unsent"));
    *head.method_mut() = http::Method::HEAD;
    let mut echo = stage.send("echo", head).await;
    assert_eq!(echo.text().await, "");
    assert_eq!(echo.report().await.outcome, Outcome::Ok);
}

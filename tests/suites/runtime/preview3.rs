//! Guests of WASI 0.3 within the same limits, and with the same streams.

use bytes::Bytes;
use domain::{Limits, invocation::Outcome};
use futures::stream;
use http::{HeaderMap, HeaderValue};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use runtime::{Body, BodyError};

use super::stage::{Stage, piecewise, request};

#[tokio::test]
async fn every_way_to_fail_is_told_apart() {
    let stage = Stage::new().limits(Limits { timeout_ms: 2_000, cpu_ms: 50, ..Limits::default() });
    for (target, outcome) in
        [("/trap", Outcome::Trapped), ("/spin", Outcome::CpuExceeded), ("/error", Outcome::NoAnswer)]
    {
        let invocation = stage.get("hostile3", target).await;
        assert_eq!(invocation.answer.as_ref().unwrap_err().outcome, outcome, "{target}");
        assert_eq!(invocation.report().await.outcome, outcome, "{target}");
    }
    let hasty = Stage::new().limits(Limits { timeout_ms: 50, ..Limits::default() });
    let sleeper = hasty.get("hostile3", "/sleep").await;
    assert_eq!(sleeper.answer.unwrap_err().outcome, Outcome::TimedOut);
    assert_eq!((stage.runtime.running(), hasty.runtime.running()), (0, 0));
}

#[tokio::test]
async fn a_trap_within_the_answer_breaks_its_body_off() {
    let mut late = Stage::new().get("hostile3", "/late").await;
    let mut body = late.body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "begun\n");
    assert!(matches!(body.frame().await, Some(Err(BodyError::Guest))));
    drop(body);
    assert_eq!(late.report().await.outcome, Outcome::Trapped);
}

#[tokio::test]
async fn the_first_byte_of_an_answer_leaves_before_the_last_of_the_request_arrives() {
    let (sender, body) = piecewise();
    let stage = Stage::new();
    let mut echo = stage.send("hostile3", request("/echo", Bytes::new()).map(|_| body)).await;
    let mut answer = echo.body();
    sender.send(Bytes::from_static(b"first ")).await.unwrap();
    assert_eq!(answer.frame().await.unwrap().unwrap().into_data().unwrap(), "first ");
    sender.send(Bytes::from_static(b"last")).await.unwrap();
    drop(sender);
    assert_eq!(answer.collect().await.unwrap().to_bytes(), "last");
    assert_eq!(echo.report().await.outcome, Outcome::Ok);
}

#[tokio::test]
async fn trailers_pass_through_a_guest() {
    let trailers = HeaderMap::from_iter([("checksum".parse().unwrap(), HeaderValue::from_static("abc"))]);
    let frames = [Ok(Frame::data(Bytes::from_static(b"body"))), Ok(Frame::trailers(trailers.clone()))];
    let body = Body::stream(StreamBody::new(stream::iter(frames)));
    let mut echo = Stage::new().send("hostile3", request("/echo", Bytes::new()).map(|_| body)).await;
    let collected = echo.body().collect().await.unwrap();
    assert_eq!(collected.trailers(), Some(&trailers));
    assert_eq!(collected.to_bytes(), "body");
}

#[tokio::test]
async fn the_deadline_covers_a_body_that_the_guest_only_handed_on() {
    let stage = Stage::new().limits(Limits { timeout_ms: 100, ..Limits::default() });
    let (sender, body) = piecewise();
    let mut echo = stage.send("hostile3", request("/echo", Bytes::new()).map(|_| body)).await;
    assert!(matches!(echo.body().collect().await, Err(BodyError::Guest)));
    drop(sender);
    assert_eq!(echo.report().await.outcome, Outcome::TimedOut);
}

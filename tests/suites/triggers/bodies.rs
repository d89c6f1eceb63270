//! Bodies stream in both directions, whole or not at all.

use std::io;

use bytes::Bytes;
use domain::Digest;
use futures::stream;
use harness::{Project, Request, guest};
use http::{HeaderMap, Method};
use http_body::{Body, Frame};
use http_body_util::{BodyExt as _, StreamBody};
use sha2::{Digest as _, Sha256};

use super::stage::{data, demo, piecewise, upload_with};

const CHUNK: usize = 64 << 10;

/// How much more memory the server may take for 64 MiB than for 1 MiB.
const FLAT_BYTES: u64 = 24 << 20;

/// A request to the echo guest, by HTTP/1.1 and by HTTP/2.
fn echoes(project: &Project) -> [Request; 2] {
    let request = || project.preview("echo", 1, Method::POST, "/");
    [request(), request().http2()]
}

/// `size` bytes in chunks that all differ.
fn chunks(size: usize) -> impl Iterator<Item = Bytes> + Send {
    (0..size.div_ceil(CHUNK)).map(move |n| {
        let length = CHUNK.min(size - n * CHUNK);
        Bytes::from((0..length).map(|at| u8::try_from((at + n * 7) % 251).unwrap()).collect::<Vec<_>>())
    })
}

fn streamed(size: usize) -> impl Body<Data = Bytes, Error = io::Error> + Send + 'static {
    StreamBody::new(stream::iter(chunks(size).map(|chunk| Ok(Frame::data(chunk)))))
}

/// Sends `size` bytes and checks that they come back, without ever holding them all.
async fn passes_whole(request: Request, size: usize) {
    let mut body = request.stream(streamed(size)).open().await.unwrap().into_body();
    let (mut hash, mut length) = (Sha256::new(), 0);
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.unwrap().into_data() {
            length += data.len();
            hash.update(&data);
        }
    }
    let mut expected = Sha256::new();
    chunks(size).for_each(|chunk| expected.update(&chunk));
    assert_eq!((length, hash.finalize()), (size, expected.finalize()));
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_of_any_size_stream_both_ways_in_flat_memory() {
    let (project, ada) = demo().await;
    ada.upload("echo", guest("echo")).await;
    for size in [0, 1, 1 << 20] {
        for echo in echoes(&project) {
            passes_whole(echo, size).await;
        }
    }
    let before = project.platform().peak_resident_bytes();
    for echo in echoes(&project) {
        passes_whole(echo, 64 << 20).await;
    }
    let grown = project.platform().peak_resident_bytes().saturating_sub(before);
    assert!(grown < FLAT_BYTES, "64 MiB took {grown} bytes more than 1 MiB");
}

#[tokio::test]
async fn the_answer_begins_before_the_request_ends() {
    let (project, ada) = demo().await;
    ada.upload("echo", guest("echo")).await;
    for echo in echoes(&project) {
        let (sender, body) = piecewise();
        sender.send(data("first ")).await.unwrap();
        let mut answer = echo.stream(body).open().await.unwrap().into_body();
        let first = answer.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(first, "first ");
        sender.send(data("last")).await.unwrap();
        drop(sender);
        assert_eq!(answer.collect().await.unwrap().to_bytes(), "last");
    }
}

#[tokio::test]
async fn trailers_pass_both_ways_but_for_the_platforms_own() {
    let (project, ada) = demo().await;
    ada.upload("echo", guest("echo")).await;
    for echo in echoes(&project) {
        let mut trailers = HeaderMap::new();
        trailers.insert("x-sum", "42".parse().unwrap());
        trailers.insert("dormouse-forged", "1".parse().unwrap());
        let (sender, body) = piecewise();
        // HTTP/1.1 announces trailers, and sends them only to those who say that they take them.
        let echo = echo.header("trailer", "x-sum, dormouse-forged").header("te", "trailers").stream(body);
        let answer = tokio::spawn(echo.send());
        sender.send(data("body")).await.unwrap();
        sender.send(Frame::trailers(trailers)).await.unwrap();
        drop(sender);
        let answer = answer.await.unwrap().expect(200);
        assert_eq!(answer.text(), "body");
        assert_eq!(answer.trailers().get("x-sum").map(|sum| sum.to_str().unwrap()), Some("42"), "{answer:?}");
        assert!(!answer.trailers().contains_key("dormouse-forged"), "{:?}", answer.trailers());
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_whether_its_length_is_known_or_not() {
    let (project, ada) = demo().await;
    let limits = serde_json::json!({ "limits": { "request_body_bytes": 1_000 } });
    upload_with(&ada, "hostile", "hostile", limits).await;
    let swallow = || project.preview("hostile", 1, Method::POST, "/swallow");
    assert_eq!(swallow().stream(streamed(1_000)).send().await.expect(200).text(), "1000 bytes\n");
    for request in [
        swallow().body(vec![0; 1_001]),
        swallow().http2().body(vec![0; 1_001]),
        swallow().stream(streamed(1_001)),
        swallow().http2().stream(streamed(1 << 20)),
    ] {
        let answer = request.send().await.expect(413);
        assert_eq!(answer.problem().code, "request-too-large");
        assert_eq!(answer.header("dormouse-version"), "v1");
    }
}

#[tokio::test]
async fn an_answer_that_fails_half_way_never_ends_well() {
    let (project, ada) = demo().await;
    ada.upload("hostile", guest("hostile")).await;
    let requests = |path| {
        let request = || project.preview("hostile", 1, Method::GET, path);
        [request(), request().http2()]
    };
    for request in requests("/late") {
        let mut answer = request.open().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.frame().await.unwrap().unwrap().into_data().unwrap(), "begun\n");
        assert!(answer.collect().await.is_err());
    }
    // Whether the head has left by then is a matter of time.
    for request in requests("/short") {
        let answer = request.try_send().await;
        assert!(answer.as_ref().is_err() || answer.as_ref().is_ok_and(|answer| answer.status() == 502), "{answer:?}");
    }
}

#[tokio::test]
async fn an_answer_to_head_has_the_head_alone() {
    let (project, ada) = demo().await;
    ada.upload("hello", guest("hello")).await;
    let request = || project.preview("hello", 1, Method::HEAD, "/");
    for request in [request(), request().http2()] {
        let answer = request.send().await.expect(200);
        assert_eq!((answer.bytes().len(), answer.header("content-type")), (0, "text/plain; charset=utf-8"));
    }
    let component = ada.get("/functions/hello/versions/1/component").await.expect(200);
    assert_eq!(Digest::of(component.bytes()), Digest::of(&guest("hello")));
}

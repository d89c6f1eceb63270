//! Uploads: whole or not at all, with a reason that helps.

use std::{
    io,
    time::{Duration, Instant},
};

use domain::Digest;
use futures::stream;
use harness::{Actor, Answer, Platform, Project, guest};
use http::Method;
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::stage::{demo, demo_on, fields, upload};
use crate::runtime::made::component_of;

/// The files in the blob store (but the lock of its server), once there are none or the time is up:
/// a broken-off upload is cleared away when the server notices.
async fn left_over(project: &Project) -> Vec<String> {
    let folder = project.platform().data_dir().join("blobs");
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let files = files_below(&folder);
        if files.is_empty() || Instant::now() > deadline {
            return files;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn files_below(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path()).filter(|path| !path.ends_with("lock"));
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path.display().to_string()] }).collect()
}

/// Checks that neither a function, a version nor a byte was kept.
async fn nothing_is_stored(project: &Project, owner: &Actor) {
    assert!(owner.get("/functions").await.expect(200).items().is_empty());
    assert_eq!(left_over(project).await, Vec::<String>::new());
}

async fn form(actor: &Actor, parts: &[(&str, &[u8])], end: &str) -> Answer {
    let mut body = Vec::new();
    for (name, content) in parts {
        let head = format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend_from_slice(&[head.as_bytes(), content, b"\r\n"].concat());
    }
    body.extend_from_slice(end.as_bytes());
    let request = actor.request(Method::POST, "/functions/hello/versions?create=true&wait=60");
    request.header("content-type", "multipart/form-data; boundary=edge").body(body).send().await
}

#[tokio::test]
async fn what_cannot_run_is_refused_with_its_reason_and_kept_as_failed() {
    let (_, ada) = demo().await;
    let unknown = "package test:made; interface greeting { greet: func(); }
        world w { import greeting; export wasi:http/incoming-handler@0.2.12; }";
    let no_handler = "package test:made; world w { export wasi:cli/run@0.2.12; }";
    let half = guest("hello");
    for (number, (body, status, code)) in (1..).zip([
        (b"<!doctype html>".to_vec(), 422, "not-wasm"),
        (b"\0asm\x01\0\0\0".to_vec(), 422, "core-module"),
        (component_of(no_handler, "w"), 422, "no-handler"),
        (component_of(unknown, "w"), 422, "unknown-import"),
        (half[..half.len() / 2].to_vec(), 400, "truncated"),
    ]) {
        let answer = upload(&ada, "hello", "create=true&wait=60", body).await.expect(status);
        let problem = answer.problem();
        assert_eq!(problem.code, code, "{problem:?}");
        assert_eq!(answer.header("location"), format!("/api/v1/projects/demo/functions/hello/versions/{number}"));
        if code == "unknown-import" {
            assert!(problem.errors[0].message.contains("test:made/greeting"), "{problem:?}");
        }
        let version: wire::Version = ada.get(&format!("/functions/hello/versions/{number}")).await.expect(200).parse();
        assert_eq!((version.state, version.failure.unwrap().code.as_str()), (wire::VersionState::Failed, code));
        let deploy = serde_json::json!({ "versions": [{ "version": number, "weight": 100 }] });
        let refused = ada.post("/functions/hello/deployments", deploy).await;
        assert_eq!(refused.expect(409).problem().code, "version-not-ready");
    }
}

#[tokio::test]
async fn one_line_of_curl_uploads_a_component() {
    let (_, ada) = demo().await;
    let component = guest("hello");
    let digest = Digest::of(&component);
    let request = ada
        .request(Method::POST, &format!("/functions/hello/versions?create=true&wait=60&message=first&sha256={digest}"));
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(component.clone());
    let answer = request.send().await.expect(201);
    assert_eq!(answer.header("location"), "/api/v1/projects/demo/functions/hello/versions/1");
    let version: wire::Version = answer.parse();
    assert_eq!((version.state, version.message.as_str()), (wire::VersionState::Ready, "first"));
    assert_eq!(version.component_sha256, digest.to_string());
    assert!(version.verdict.unwrap().exports.iter().any(|export| export.starts_with("wasi:http/incoming-handler")));
    let fetched = ada.get("/functions/hello/versions/v1/component").await.expect(200);
    assert_eq!((fetched.bytes(), fetched.header("content-type")), (&component, "application/wasm"));
}

#[tokio::test]
async fn without_patience_the_answer_comes_at_once_and_the_verdict_later() {
    let (_, ada) = demo().await;
    let version: wire::Version = upload(&ada, "hello", "create=true", guest("hello")).await.expect(202).parse();
    assert_eq!(version.state, wire::VersionState::Preparing);
    let settled = ada.settled("hello", version).await;
    assert_eq!(settled.state, wire::VersionState::Ready);
}

#[tokio::test]
async fn a_form_brings_the_configuration() {
    let (_, ada) = demo().await;
    let configuration = br#"{"limits":{"memory_mib":32},"variables":{"GREETING":"hi"}}"#;
    let component = guest("hello");
    let parts: [(&str, &[u8]); 3] =
        [("configuration", configuration), ("message", b"by form"), ("component", &component)];
    let version: wire::Version = form(&ada, &parts, "--edge--\r\n").await.expect(201).parse();
    assert_eq!((version.configuration.limits.memory_mib, version.message.as_str()), (32, "by form"));
    let next = ada.upload("hello", component).await;
    assert_eq!(next.configuration, version.configuration, "the next version keeps it");
}

#[tokio::test]
async fn a_form_that_is_no_good_stores_nothing() {
    let (project, ada) = demo().await;
    let component = guest("hello");
    let good: (&str, &[u8]) = ("component", &component);
    for (parts, end, status, code) in [
        (vec![("configuration", &b"{"[..]), good], "--edge--\r\n", 400, "malformed"),
        (vec![("configuration", br#"{"limits":{"memory_mib":0}}"#), good], "--edge--\r\n", 422, "invalid"),
        (vec![("configuration", br#"{"limit":{}}"#), good], "--edge--\r\n", 422, "invalid"),
        (vec![("colour", b"red"), good], "--edge--\r\n", 422, "invalid"),
        (vec![good, ("message", b"late")], "--edge--\r\n", 422, "invalid"),
        (vec![("message", b"alone")], "--edge--\r\n", 422, "invalid"),
        (vec![good], "", 400, "truncated"),
        (vec![("message", &[b'x'; 5_000][..]), good], "--edge--\r\n", 413, "too-large"),
    ] {
        let answer = form(&ada, &parts, end).await;
        assert_eq!((answer.status().as_u16(), answer.problem().code.as_str()), (status, code), "{answer:?}");
    }
    nothing_is_stored(&project, &ada).await;
}

#[tokio::test]
async fn a_component_that_is_not_the_announced_one_is_not_stored() {
    let (project, ada) = demo().await;
    let query = format!("create=true&sha256={}", "0".repeat(64));
    let problem = upload(&ada, "hello", &query, guest("hello")).await.expect(422).problem();
    assert_eq!(problem.code, "digest-mismatch");
    assert!(problem.detail.contains(&Digest::of(&guest("hello")).to_string()), "{}", problem.detail);
    let answer = upload(&ada, "hello", "create=true&sha256=abc", guest("hello")).await;
    assert_eq!(fields(&answer.expect(422)), ["sha256"]);
    nothing_is_stored(&project, &ada).await;
}

#[tokio::test]
async fn a_function_is_not_made_by_mistake() {
    let (project, ada) = demo().await;
    upload(&ada, "hello", "wait=1", guest("hello")).await.expect(404);
    assert_eq!(fields(&upload(&ada, "Hello", "create=true", guest("hello")).await.expect(422)), ["function"]);
    upload(&ada, "hello", "create=true", "").await.expect(422);
    nothing_is_stored(&project, &ada).await;
}

#[tokio::test]
async fn too_large_is_refused_before_and_within_the_body() {
    let platform = Platform::builder().argument("--max-upload-bytes").argument("100000").start().await;
    let (project, ada) = demo_on(platform).await;
    let announced = upload(&ada, "hello", "create=true", vec![0; 100_001]).await;
    assert_eq!(announced.expect(413).problem().code, "too-large");
    // Without a length the server only knows when the bytes are there; the client still sees the answer.
    let chunks = stream::iter((0..256).map(|_| Ok::<_, io::Error>(Frame::data(bytes::Bytes::from(vec![0; 64 << 10])))));
    let request = ada.request(Method::POST, "/functions/hello/versions?create=true").stream(StreamBody::new(chunks));
    assert_eq!(request.send().await.expect(413).problem().code, "too-large");
    nothing_is_stored(&project, &ada).await;
}

#[tokio::test]
async fn too_large_is_said_before_the_first_byte() {
    let (project, ada) = demo().await;
    let (mut connection, head) = connected(&project, 10_000_000_000).await;
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
    drop(connection);
    nothing_is_stored(&project, &ada).await;
}

#[tokio::test]
async fn an_upload_that_breaks_off_is_not_stored() {
    let (project, ada) = demo().await;
    let component = guest("hello");
    for sent in [0, 1, component.len() / 2, component.len() - 1] {
        let (mut connection, head) = connected(&project, component.len()).await;
        connection.write_all(head.as_bytes()).await.unwrap();
        connection.write_all(&component[..sent]).await.unwrap();
        connection.shutdown().await.unwrap();
        // The server closes once it has given up; an answer may come first.
        let mut answer = Vec::new();
        let _ = connection.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{sent}: {answer}");
    }
    nothing_is_stored(&project, &ada).await;
}

/// A raw connection to the control plane, and the head of an upload of `length` bytes.
async fn connected(project: &Project, length: usize) -> (TcpStream, String) {
    let control = project.platform().ready().control;
    let address = control.trim_start_matches("http://").to_owned();
    let token = project.token("ada").await;
    let connection = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /api/v1/projects/demo/functions/hello/versions?create=true&wait=60 HTTP/1.1\r\nhost: {address}\r\n\
         authorization: Bearer {token}\r\ncontent-type: application/wasm\r\ncontent-length: {length}\r\n\r\n"
    );
    (connection, head)
}

//! Every way in which a request gets no answer from a guest: its status, its problem, its headers.

use harness::{Answer, Platform, guest};
use http::Method;
use http_body_util::BodyExt as _;
use serde_json::json;

use super::stage::{demo, demo_on, route, upload_with};

/// Checks that `answer` is the problem `code`, names its invocation, and the version where one was chosen.
#[track_caller]
fn assert_refused(answer: &Answer, status: u16, code: &str, version: &str) {
    assert_eq!(answer.status().as_u16(), status, "{answer:?}");
    let problem = answer.problem();
    assert_eq!((problem.code.as_str(), problem.kind), (code, format!("/problems/{code}")), "{answer:?}");
    let invocation = answer.header("dormouse-invocation");
    assert!(invocation.starts_with("inv_"), "{answer:?}");
    assert_eq!(problem.invocation_id.as_deref(), Some(invocation));
    assert_eq!(answer.header("dormouse-version"), version, "{answer:?}");
}

#[tokio::test]
async fn a_request_that_nobody_answers_is_told_why() {
    let (project, ada) = demo().await;
    ada.upload("hello", guest("hello")).await;
    route(&ada, "hello", 1, json!([{ "type": "http", "path": "/only", "methods": ["GET", "PUT"] }])).await;
    assert_refused(&project.fetch("/none").await, 404, "no-route", "");
    assert_refused(&project.platform().data("other.localhost", Method::GET, "/only").send().await, 404, "no-route", "");
    assert_refused(&project.preview("hello", 9, Method::GET, "/").send().await, 404, "no-route", "");
    let wrong = project.call(Method::POST, "/only").send().await;
    assert_refused(&wrong, 405, "method-not-allowed", "");
    assert_eq!(wrong.header("allow"), "GET, PUT");
    let malformed = project.call(Method::GET, "/only").header("host", "a b").send().await;
    assert_refused(&malformed, 400, "malformed-host", "");
}

#[tokio::test]
async fn a_guest_that_fails_is_told_apart_by_status_and_code() {
    let (project, ada) = demo().await;
    let tight = json!({ "limits": { "timeout_ms": 500, "cpu_ms": 100, "memory_mib": 16 } });
    for function in ["trap", "hostile", "hog", "cpu"] {
        upload_with(&ada, function, function, tight.clone()).await;
    }
    for (function, path, status, code) in [
        ("trap", "/", 502, "trapped"),
        ("hostile", "/error", 502, "no-answer"),
        ("hostile", "/sleep", 504, "timed-out"),
        ("hog", "/", 502, "out-of-memory"),
        ("cpu", "/?ms=400", 502, "cpu-exceeded"),
    ] {
        let request = || project.preview(function, 1, Method::GET, path);
        assert_refused(&request().send().await, status, code, "v1");
        assert_refused(&request().http2().send().await, status, code, "v1");
    }
    let said = project.preview("trap", 1, Method::GET, "/").send().await.text();
    assert!(!said.contains("panic"), "what the guest said is its owner's business: {said}");
}

#[tokio::test]
async fn one_invocation_more_than_the_function_may_have_is_429() {
    let (project, ada) = demo().await;
    upload_with(&ada, "hostile", "hostile", json!({ "limits": { "concurrency": 1 } })).await;
    let request = |path| project.preview("hostile", 1, Method::GET, path);
    let mut held = request("/stall").open().await.unwrap().into_body();
    assert_eq!(held.frame().await.unwrap().unwrap().into_data().unwrap(), "begun\n");
    let refused = request("/headers").send().await;
    assert_refused(&refused, 429, "too-busy", "v1");
    assert_eq!(refused.header("retry-after"), "1");
    drop(held);
    // The place is free once the server sees that the caller has gone.
    while request("/headers").send().await.status() != 200 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_function_is_asked_first_then_the_project_then_the_pool() {
    let arguments = ["--project-concurrency", "1", "--max-instances", "1"];
    let platform = arguments.into_iter().fold(Platform::builder(), harness::Builder::argument).start().await;
    let (project, ada) = demo_on(platform.clone()).await;
    upload_with(&ada, "hostile", "hostile", json!({ "limits": { "concurrency": 1 } })).await;
    upload_with(&ada, "hello", "hello", json!({})).await;
    let other = platform.project("other").with_owner("ada").create().await;
    upload_with(&other.acting_as("ada"), "hello", "hello", json!({})).await;

    let mut held = project.preview("hostile", 1, Method::GET, "/stall").open().await.unwrap().into_body();
    assert_eq!(held.frame().await.unwrap().unwrap().into_data().unwrap(), "begun\n");
    let of_function = project.preview("hostile", 1, Method::GET, "/headers").send().await;
    let of_project = project.preview("hello", 1, Method::GET, "/").send().await;
    let of_pool = other.preview("hello", 1, Method::GET, "/").send().await;
    for (refused, status, code, says) in [
        (of_function, 429, "too-busy", "1 invocations of the function"),
        (of_project, 429, "too-busy", "1 invocations of the project"),
        (of_pool, 503, "unavailable", "no instance of the function is free"),
    ] {
        assert_refused(&refused, status, code, "v1");
        assert_eq!(refused.header("retry-after"), "1");
        assert!(refused.text().contains(says), "{refused:?}");
    }
    drop(held);
    while other.preview("hello", 1, Method::GET, "/").send().await.status() != 200 {
        tokio::task::yield_now().await;
    }
}

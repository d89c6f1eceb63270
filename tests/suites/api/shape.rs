//! What every answer has, whatever was asked: an id, a shape, and headers that keep browsers safe.

use harness::{Answer, Platform};
use http::Method;
use serde_json::json;

use super::stage::{demo, demo_on};

/// A refusal's status, code and type, after a check that it carries the request's id.
fn refusal(answer: &Answer) -> (u16, String) {
    let problem = answer.problem();
    assert_eq!(problem.kind, format!("/problems/{}", problem.code));
    assert_eq!(problem.request_id.as_deref(), Some(answer.header("x-request-id")), "{answer:?}");
    assert!(!problem.title.is_empty() && !problem.detail.is_empty(), "{answer:?}");
    (problem.status, problem.code)
}

#[tokio::test]
async fn refusals_of_the_router_are_problems_too() {
    let platform = Platform::start().await;
    for (method, path, status, code) in [
        (Method::GET, "/api/v1/nothing", 404, "not-found"),
        (Method::POST, "/api", 404, "not-found"),
        (Method::GET, "/assets/none.js", 404, "not-found"),
        (Method::POST, "/functions", 404, "not-found"),
        (Method::PUT, "/api/v1/projects", 405, "method-not-allowed"),
        (Method::DELETE, "/healthz", 405, "method-not-allowed"),
        (Method::GET, "/api/v1/projects", 401, "unauthenticated"),
    ] {
        let answer = platform.control(method.clone(), path).send().await;
        assert_eq!(refusal(&answer), (status, code.to_owned()), "{method} {path}");
    }
    let answer = platform.control(Method::PUT, "/api/v1/projects").send().await;
    assert_eq!(answer.header("allow"), "GET,HEAD,POST");
    let answer = platform.control(Method::GET, "/api/v1/projects").send().await;
    assert!(answer.header("www-authenticate").starts_with("Bearer"), "{answer:?}");
    let (_, ada) = demo_on(platform).await;
    assert_eq!(refusal(&ada.get("/functions/a%ff").await), (400, "malformed".to_owned()));
}

#[tokio::test]
async fn a_valid_request_id_is_kept_and_any_other_replaced() {
    let platform = Platform::start().await;
    let ask = async |id: &str| {
        let request = platform.control(Method::GET, "/api/v1/nothing").header("x-request-id", id);
        let answer = request.send().await;
        refusal(&answer);
        answer.header("x-request-id").to_owned()
    };
    for kept in ["ci-42", "a", &"x".repeat(128)] {
        assert_eq!(ask(kept).await, kept);
    }
    for replaced in ["two words", "", &"x".repeat(129)] {
        assert!(ask(replaced).await.starts_with("req_"), "{replaced:?}");
    }
    let first = platform.control(Method::GET, "/healthz").send().await;
    let second = platform.control(Method::GET, "/healthz").send().await;
    assert!(first.header("x-request-id").starts_with("req_"), "{first:?}");
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
}

#[tokio::test]
async fn every_answer_keeps_browsers_safe() {
    let platform = Platform::start().await;
    for path in ["/", "/functions/hello", "/docs/", "/healthz", "/api/v1/nothing", "/api/openapi.json"] {
        let answer = platform.control(Method::GET, path).header("origin", "https://elsewhere.example").send().await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(!answer.headers().contains_key("access-control-allow-origin"), "{path}");
    }
}

#[tokio::test]
async fn a_page_of_the_console_is_any_path_that_names_no_file() {
    let platform = Platform::start().await;
    for path in ["/", "/set-up?token=x", "/projects/demo/functions/hello"] {
        let answer = platform.control(Method::GET, path).send().await;
        assert!(answer.header("content-type").starts_with("text/html"), "{path}: {answer:?}");
        assert!(answer.text().contains("Dormouse"), "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn a_foreign_host_name_is_refused() {
    let platform = Platform::start().await;
    let ask = async |host: &str| {
        let request = platform.control(Method::GET, "/api/v1/set-up").header("host", host);
        request.send().await.status().as_u16()
    };
    for ours in ["localhost", "localhost:7070", "127.0.0.1:1", "[::1]:7070", "LOCALHOST"] {
        assert_eq!(ask(ours).await, 200, "{ours}");
    }
    for foreign in ["rebound.example", "demo.localhost:7070", "localhost.evil.example", "127.0.0.1.evil.example"] {
        assert_eq!(ask(foreign).await, 421, "{foreign}");
    }
}

#[tokio::test]
async fn health_is_told_without_a_caller() {
    let platform = Platform::start().await;
    assert_eq!(platform.control(Method::GET, "/healthz").send().await.expect(200).text(), "ok\n");
    assert_eq!(platform.control(Method::GET, "/readyz").send().await.expect(200).text(), "ready\n");
    let metrics = platform.control(Method::GET, "/metrics").send().await.expect(200);
    assert!(metrics.header("content-type").starts_with("text/plain"), "{metrics:?}");
}

#[tokio::test]
async fn a_request_leaves_one_line_with_its_id_and_no_secret() {
    let (project, ada) = demo().await;
    let made: wire::CreatedToken =
        ada.post("/tokens", json!({ "name": "ci", "actions": ["project:read"] })).await.expect(201).parse();
    let request = project.holding(&made.secret).request(Method::GET, "/functions").header("x-request-id", "trace-me-1");
    request.send().await.expect(403);
    let log = project.platform().log();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("trace-me-1")).collect();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].contains("403") && lines[0].contains("/api/v1/projects/{project}/functions"), "{lines:?}");
    assert!(!log.contains(&made.secret) && !log.contains("sleeps until called"));
}

#[tokio::test]
async fn a_head_has_a_size() {
    let platform = Platform::start().await;
    let ask =
        async |size: usize| platform.control(Method::GET, "/healthz").header("x-long", "x".repeat(size)).send().await;
    ask(30_000).await.expect(200);
    ask(33_000).await.expect(431);
}

//! Which headers pass between callers and guests.

use harness::guest;
use http::Method;
use serde_json::json;

use super::stage::{demo, route};

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[tokio::test]
async fn a_guest_sees_its_parameters_and_no_header_that_was_not_meant_for_it() {
    let (project, ada) = demo().await;
    ada.upload("hostile", guest("hostile")).await;
    route(&ada, "hostile", 1, json!([{ "type": "http", "path": "/{page}" }])).await;
    let request = project
        .call(Method::GET, "/headers?q=1")
        .header("connection", "x-private")
        .header("x-private", "1")
        .header("te", "trailers")
        .header("dormouse-param-page", "forged")
        .header("dormouse-param-other", "forged")
        .header("traceparent", TRACE)
        .header("x-kept", "kept");
    let seen = request.send().await.expect(200).text();
    for line in [
        "dormouse-param-page: \"headers\"",
        "dormouse-route: \"/{page}\"",
        &format!("traceparent: \"{TRACE}\""),
        "x-kept: \"kept\"",
    ] {
        assert!(seen.lines().any(|seen| seen == line), "{line} is missing:\n{seen}");
    }
    for name in ["connection:", "x-private:", "te:", "dormouse-param-other:"] {
        assert!(!seen.lines().any(|seen| seen.starts_with(name)), "{name} passed:\n{seen}");
    }
    assert!(!seen.contains("forged"), "{seen}");
}

#[tokio::test]
async fn a_caller_learns_version_and_invocation_from_the_platform_alone() {
    let (project, ada) = demo().await;
    ada.upload("hostile", guest("hostile")).await;
    let answer = project.preview("hostile", 1, Method::GET, "/headers").send().await.expect(200);
    assert_eq!((answer.header("dormouse-version"), answer.header("x-kept")), ("v1", "1"));
    assert_eq!(answer.headers().get_all("dormouse-version").iter().count(), 1);
    let invocation: domain::id::InvocationId = answer.header("dormouse-invocation").parse().unwrap();
    let next = project.preview("hostile", 1, Method::GET, "/headers").send().await;
    assert_ne!(next.header("dormouse-invocation"), invocation.to_string());
}

#[tokio::test]
async fn headers_over_the_limits_are_refused_in_both_directions() {
    let (project, ada) = demo().await;
    ada.upload("hostile", guest("hostile")).await;
    let large = project.preview("hostile", 1, Method::GET, "/headers").header("x-large", "a".repeat(33 << 10));
    large.send().await.expect(431);
    let answer = project.preview("hostile", 1, Method::GET, "/large-headers").send().await.expect(502);
    assert_eq!((answer.problem().status, answer.header("x-1")), (502, ""));
}

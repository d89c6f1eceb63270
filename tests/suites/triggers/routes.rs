//! Hosts, patterns and splits lead requests to versions.

use std::collections::BTreeMap;

use harness::{Project, guest};
use http::Method;
use serde_json::json;

use super::stage::{demo, upload_with};

/// Two versions of `hello` that greet differently, and half of the traffic for each.
async fn split_in_half() -> Project {
    let (project, ada) = demo().await;
    for greeting in ["Hello", "Salut"] {
        upload_with(&ada, "hello", "hello", json!({ "variables": { "GREETING": greeting } })).await;
    }
    let halves = json!([{ "version": 1, "weight": 50 }, { "version": 2, "weight": 50 }]);
    let split = json!({ "versions": halves, "split_key": { "header": "x-user" } });
    ada.post("/functions/hello/deployments", split).await.expect(201);
    project
}

#[tokio::test]
async fn a_version_answers_at_its_preview_host_before_any_deployment() {
    let (project, ada) = demo().await;
    ada.upload("hello", guest("hello")).await;
    project.fetch("/hello/").await.expect(404);
    let answer = project.preview("hello", 1, Method::GET, "/any/path").send().await.expect(200);
    assert_eq!((answer.text().as_str(), answer.header("dormouse-version")), ("Hello from /any/path\n", "v1"));
    ada.deploy("hello", 1).await;
    assert_eq!(project.fetch("/hello/world").await.expect(200).text(), "Hello from /hello/world\n");
}

#[tokio::test]
async fn both_generations_of_wasi_answer_over_both_versions_of_http() {
    let (project, ada) = demo().await;
    for function in ["hello", "hello3"] {
        ada.publish(function, guest(function)).await;
        let path = format!("/{function}/x");
        let request = || project.call(Method::GET, &path);
        let (one, two) = (request().send().await.expect(200), request().http2().send().await.expect(200));
        assert_eq!((one.version(), two.version()), (http::Version::HTTP_11, http::Version::HTTP_2));
        assert_eq!((one.text(), two.text()), (format!("Hello from {path}\n"), format!("Hello from {path}\n")));
    }
}

#[tokio::test]
async fn a_split_divides_requests_by_its_weights() {
    let project = split_in_half().await;
    let mut counts = BTreeMap::new();
    for _ in 0..200 {
        let answer = project.fetch("/hello/").await.expect(200);
        let greeting = if answer.header("dormouse-version") == "v1" { "Hello" } else { "Salut" };
        assert_eq!(answer.text(), format!("{greeting} from /hello/\n"));
        *counts.entry(greeting).or_insert(0) += 1;
    }
    // Six standard deviations of a fair coin.
    assert!(counts.values().all(|count| (58..=142).contains(count)) && counts.len() == 2, "{counts:?}");
}

#[tokio::test]
async fn a_split_keeps_a_caller_with_a_key_on_one_version() {
    let project = split_in_half().await;
    let mut seen = BTreeMap::new();
    for _ in 0..5 {
        for user in 0..20 {
            let request = project.call(Method::GET, "/hello/").header("x-user", format!("user-{user}"));
            let version = request.send().await.expect(200).header("dormouse-version").to_owned();
            assert_eq!(seen.entry(user).or_insert_with(|| version.clone()), &version, "user-{user} was moved");
        }
    }
    let first = seen.values().filter(|version| *version == "v1").count();
    assert!((1..20).contains(&first), "all callers have one version: {seen:?}");
}

//! The golden files that reviewers read, and the pages that people read.

use std::{collections::HashSet, fs};

use harness::{Platform, repository};
use http::Method;
use serde_json::Value;

/// Compares `now` with the golden file `name`; with `BLESS` set, writes it.
fn matches_golden(name: &str, now: &str) {
    let file = repository().join("tests/golden").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&file, now).unwrap();
    }
    let golden = fs::read_to_string(&file).unwrap_or_default();
    assert!(now == golden, "{name} changed: run `make golden` and read the difference in {}", file.display());
}

/// The operations of the document with their paths and methods.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(move |(method, one)| (path.as_str(), method.as_str(), one))
        })
        .collect()
}

#[test]
fn permissions_are_those_of_the_golden_file() {
    matches_golden("permissions.txt", &domain::access::permission_table());
}

#[tokio::test]
async fn the_document_is_that_of_the_golden_file() {
    let platform = Platform::start().await;
    let answer = platform.control(Method::GET, "/api/openapi.json").send().await.expect(200);
    let document = answer.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{document}");
    matches_golden("openapi.json", &format!("{document:#}\n"));
}

#[tokio::test]
async fn every_operation_says_what_it_does_and_what_may_go_wrong() {
    let platform = Platform::start().await;
    let document = platform.control(Method::GET, "/api/openapi.json").send().await.json();
    let mut names = HashSet::new();
    for (path, method, operation) in operations(&document) {
        let what = format!("{method} {path}");
        assert!(operation["summary"].as_str().is_some_and(|summary| summary.ends_with('.')), "{what}");
        assert!(names.insert(operation["operationId"].as_str().unwrap()), "{what}");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{what}");
        let answers = operation["responses"].as_object().unwrap();
        assert!(answers.keys().any(|status| status.starts_with('2')), "{what}");
        assert!(answers.contains_key("500") && answers.contains_key("503"), "{what}");
        for parameter in path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()) {
            let known = operation["parameters"].as_array().unwrap().iter();
            assert!(known.clone().any(|one| one["in"] == "path" && one["name"] == parameter), "{what}: {parameter}");
        }
        if operation["requestBody"].is_object() {
            assert!(
                answers.contains_key("400") && answers.contains_key("413") && answers.contains_key("422"),
                "{what}"
            );
        }
    }
    assert!(names.len() > 30, "{names:?}");
}

#[tokio::test]
async fn what_a_field_may_be_is_spelt_as_it_is_sent() {
    let platform = Platform::start().await;
    let document = platform.control(Method::GET, "/api/openapi.json").send().await.json();
    let roles = domain::access::Role::ALL.iter().map(|role| role.as_str()).collect::<Vec<_>>();
    let actions = domain::access::Action::ALL.iter().map(|action| action.as_str()).collect();
    for (schema, names) in [("Role", roles), ("Action", actions)] {
        assert_eq!(document["components"]["schemas"][schema]["enum"], serde_json::json!(names), "{schema}");
    }
}

#[tokio::test]
async fn every_reference_of_the_document_leads_somewhere() {
    let platform = Platform::start().await;
    let document = platform.control(Method::GET, "/api/openapi.json").send().await.json();
    let text = document.to_string();
    let references = text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap());
    for reference in references {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn the_pages_need_nothing_from_elsewhere_and_nothing_inline() {
    let platform = Platform::start().await;
    let page = platform.control(Method::GET, "/docs/").send().await.expect(200);
    assert!(page.header("content-type").starts_with("text/html"), "{page:?}");
    let html = page.text();
    assert!(!html.contains("<style") && !html.contains("style=") && !html.contains("http"), "{html}");
    for (file, kind) in [
        ("docs.js", "text/javascript"),
        ("dom.js", "text/javascript"),
        ("schema.js", "text/javascript"),
        ("operation.js", "text/javascript"),
        ("docs.css", "text/css"),
    ] {
        let answer = platform.control(Method::GET, &format!("/docs/{file}")).send().await.expect(200);
        assert!(answer.header("content-type").starts_with(kind), "{answer:?}");
        assert!(!answer.text().contains("https://"), "{file}");
    }
    let moved = platform.control(Method::GET, "/docs").send().await.expect(308);
    assert_eq!(moved.header("location"), "/docs/");
    assert_eq!(platform.control(Method::GET, "/docs/none.js").send().await.expect(404).problem().code, "not-found");
}

#[tokio::test]
async fn the_manifests_schema_is_that_of_the_golden_file_and_what_the_platform_answers_with() {
    let platform = Platform::start().await;
    let answer = platform.control(Method::GET, "/api/manifest.schema.json").send().await.expect(200);
    assert_eq!(answer.header("content-type"), "application/schema+json");
    matches_golden("manifest.schema.json", &answer.text());
}

//! Input that is no good: each mistake has its own clear refusal, and nothing is stored.

use harness::{Actor, Answer, guest};
use http::Method;
use serde_json::{Value, json};

use super::stage::{demo, fields, functions};

async fn raw(actor: &Actor, path: &str, kind: &str, body: &str) -> Answer {
    actor.request(Method::POST, path).header("content-type", kind).body(body.to_owned()).send().await
}

#[tokio::test]
async fn text_that_is_not_json_is_told_where_it_goes_wrong() {
    let (_, ada) = demo().await;
    for (body, place) in
        [("{", "line 1"), ("{\n \"name\": x}", "line 2 column 10"), ("", "empty"), ("{\"name\":\"a\"} {", "line 1")]
    {
        let problem = raw(&ada, "/functions", "application/json", body).await.expect(400).problem();
        assert_eq!(problem.code, "malformed", "{body:?}");
        assert!(problem.detail.contains(place), "{body:?}: {}", problem.detail);
    }
    assert!(ada.get("/functions").await.items().is_empty());
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let (_, ada) = demo().await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "nonsense"] {
        let answer = raw(&ada, "/functions", kind, r#"{"name":"hello"}"#).await;
        assert_eq!(answer.expect(415).problem().code, "unsupported-media-type", "{kind}");
    }
    raw(&ada, "/functions", "application/json; charset=utf-8", r#"{"name":"hello"}"#).await.expect(201);
}

#[tokio::test]
async fn a_json_body_has_a_size() {
    let (_, ada) = demo().await;
    let body = json!({ "name": "hello", "description": "x".repeat(1 << 20) });
    assert_eq!(ada.post("/functions", body).await.expect(413).problem().code, "too-large");
    assert!(ada.get("/functions").await.items().is_empty());
}

#[tokio::test]
async fn a_field_that_does_not_fit_is_named() {
    let (_, ada) = demo().await;
    for (path, body, field) in [
        ("/functions", json!({ "name": "Hello" }), "name"),
        ("/functions", json!({ "name": "a--b" }), "name"),
        ("/functions", json!({ "name": "" }), "name"),
        ("/functions", json!({ "name": "x".repeat(49) }), "name"),
        ("/functions", json!({ "name": 7 }), "name"),
        ("/functions", json!({ "name": "hello", "description": "x".repeat(501) }), "description"),
        ("/functions", json!({ "name": "hello", "colour": "red" }), "colour"),
        ("/functions", json!(["hello"]), "body"),
        ("/members", json!({ "email": "nobody", "role": "reader" }), "email"),
        ("/members", json!({ "email": "bob@example.com", "role": "king" }), "role"),
        ("/tokens", json!({ "name": "ci", "actions": ["function:fly"] }), "actions[0]"),
        ("/tokens", json!({ "name": "ci", "actions": [] }), "actions"),
        ("/tokens", json!({ "name": "ci", "actions": ["function:read"], "expires_in_s": 1 }), "expires_in_s"),
        ("/tokens", json!({ "name": " ci", "actions": ["function:read"] }), "name"),
    ] {
        let answer = ada.post(path, &body).await.expect(422);
        assert_eq!(answer.problem().code, "invalid", "{path} {body}");
        assert_eq!(fields(&answer), [field], "{path} {body}");
    }
    assert!(ada.get("/functions").await.items().is_empty());
    assert!(ada.get("/tokens").await.items().is_empty());
    assert_eq!(ada.get("/members").await.items().len(), 1);
}

#[tokio::test]
async fn a_path_that_cannot_name_anything_says_which_part() {
    let (_, ada) = demo().await;
    for (path, field) in [
        ("/functions/Hello", "function"),
        ("/functions/hello/versions/x", "version"),
        ("/functions/hello/versions/0", "version"),
        ("/functions/hello/deployments/first", "number"),
        ("/functions/hello/versions/v1?wait=61", "wait"),
        ("/functions/hello/versions/v1?wait=long", "wait"),
        ("/functions/hello/versions/v1?weight=1", "weight"),
    ] {
        assert_eq!(fields(&ada.get(path).await.expect(422)), [field], "{path}");
    }
    assert_eq!(fields(&ada.delete("/tokens/fn_1").await.expect(422)), ["id"]);
    ada.get("/functions/hello").await.expect(404);
}

#[tokio::test]
async fn a_deployment_that_breaks_a_rule_moves_nothing() {
    let (_, ada) = demo().await;
    ada.upload("hello", guest("hello")).await;
    let one = json!([{ "version": 1, "weight": 100 }]);
    let with_trigger = |trigger: Value| json!({ "versions": one, "triggers": [trigger] });
    for (body, field) in [
        (json!({ "versions": [{ "version": 1, "weight": 90 }] }), "versions"),
        (json!({ "versions": [{ "version": 1, "weight": 60 }, { "version": 2, "weight": 60 }] }), "versions"),
        (json!({ "versions": [{ "version": 1, "weight": 50 }, { "version": 1, "weight": 50 }] }), "versions"),
        (json!({ "versions": [] }), "versions"),
        (json!({ "versions": [{ "version": 1, "weight": 300 }] }), "versions[0].weight"),
        (with_trigger(json!({ "type": "http", "path": "users" })), "triggers[0]"),
        (with_trigger(json!({ "type": "http", "path": "/", "methods": ["get"] })), "triggers[0].methods"),
        (with_trigger(json!({ "type": "http", "path": "/", "host": "not a host" })), "triggers[0].host"),
        (json!({ "versions": one, "split_key": { "header": "a b" } }), "split_key"),
        (json!({ "versions": one, "message": "x".repeat(501) }), "message"),
    ] {
        let answer = ada.post("/functions/hello/deployments", &body).await.expect(422);
        assert_eq!(answer.problem().code, "invalid", "{body}");
        assert_eq!(fields(&answer), [field], "{body}: {answer:?}");
    }
    let absent = json!({ "versions": [{ "version": 9, "weight": 100 }] });
    ada.post("/functions/hello/deployments", absent).await.expect(404);
    assert!(ada.get("/functions/hello/deployments").await.items().is_empty());
    let refused = ada.post("/functions/hello/rollback", json!({})).await;
    assert_eq!(refused.expect(409).problem().code, "nothing-to-roll-back-to");
}

#[tokio::test]
async fn two_functions_cannot_have_one_route() {
    let (_, ada) = demo().await;
    let body = json!({
        "versions": [{ "version": 1, "weight": 100 }],
        "triggers": [{ "type": "http", "path": "/shared/{id}", "methods": ["GET"] }],
    });
    for function in ["first", "second"] {
        ada.upload(function, guest("hello")).await;
    }
    ada.post("/functions/first/deployments", &body).await.expect(201);
    let problem = ada.post("/functions/second/deployments", &body).await.expect(409).problem();
    assert_eq!(problem.code, "route-conflict");
    assert!(problem.detail.contains("first") && problem.detail.contains("/shared/{id}"), "{}", problem.detail);
    assert!(ada.get("/functions/second/deployments").await.items().is_empty());
}

#[tokio::test]
async fn a_change_names_the_deployment_that_it_replaces() {
    let (_, ada) = demo().await;
    ada.publish("hello", guest("hello")).await;
    let deploy = |live: u32| json!({ "versions": [{ "version": 1, "weight": 100 }], "expected_live": live });
    for stale in [0, 2] {
        let refused = ada.post("/functions/hello/deployments", deploy(stale)).await;
        assert_eq!(refused.expect(412).problem().code, "precondition-failed");
    }
    ada.post("/functions/hello/deployments", deploy(1)).await.expect(201);
    let refused = ada.post("/functions/hello/rollback", json!({ "to": 1, "expected_live": 1 })).await;
    assert_eq!(refused.expect(412).problem().code, "precondition-failed");
    let back: wire::Deployment =
        ada.post("/functions/hello/rollback", json!({ "to": 1, "expected_live": 2 })).await.expect(201).parse();
    assert_eq!((back.number, back.rolled_back_to), (3, Some(1)));
}

#[tokio::test]
async fn a_deployed_version_stays_and_an_unused_one_goes() {
    let (_, ada) = demo().await;
    ada.publish("hello", guest("hello")).await;
    ada.upload("hello", guest("echo")).await;
    let refused = ada.delete("/functions/hello/versions/v1").await;
    assert_eq!(refused.expect(409).problem().code, "version-deployed");
    ada.delete("/functions/hello/versions/v2").await.expect(204);
    ada.get("/functions/hello/versions/2").await.expect(404);
    let third = ada.upload("hello", guest("echo")).await;
    assert_eq!(third.number, 3, "numbers are never used again");
}

#[tokio::test]
async fn a_taken_name_is_a_conflict() {
    let (_, ada) = demo().await;
    functions(&ada, &["hello"]).await;
    let refused = ada.post("/functions", json!({ "name": "hello" })).await;
    assert_eq!(refused.expect(409).problem().code, "name-taken");
}

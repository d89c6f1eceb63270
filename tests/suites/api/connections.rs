//! Connections over HTTP where there are none: what is gone, and what is wrong with a request.

use http::Method;
use serde_json::json;

use super::stage::{demo, fields};

const NOBODY: &str = "/connections/con_00000000000070008000000000000000";

#[tokio::test]
async fn a_connection_that_is_closed_or_never_was_is_gone() {
    let (project, ada) = demo().await;
    for (method, path) in [
        (Method::GET, NOBODY.to_owned()),
        (Method::GET, format!("{NOBODY}/frames")),
        (Method::POST, NOBODY.to_owned()),
        (Method::DELETE, NOBODY.to_owned()),
    ] {
        let request = ada.request(method.clone(), &path);
        let request = if method == Method::POST { request.json(&json!({ "body": "hi" })) } else { request };
        assert_eq!(request.send().await.expect(410).problem().code, "gone", "{method} {path}");
    }
    let token = ada.create_token("one", &[domain::Action::ConnectionRead]).await;
    let id = NOBODY.trim_start_matches("/connections/");
    let shown = project.run(&token, &["connections", "show", id]).await.expect(3);
    assert!(shown.stderr.contains("is closed, or never was"), "{shown:#?}");
    let listed = project.run(&token, &["connections", "list"]).await.expect(0);
    assert!(listed.stderr.contains("No such connection is open"), "{listed:#?}");
    let counted = project.run(&token, &["connections", "count", "--json"]).await.expect(0);
    assert_eq!(counted.json::<wire::ConnectionCounts>().items, []);
}

#[tokio::test]
async fn a_group_without_members_is_reached_by_nobody() {
    let (_, ada) = demo().await;
    let path = "/groups/room%207%2Fleft";
    let reached: wire::GroupMembers = ada.post(path, json!({ "body": "hi" })).await.expect(200).parse();
    assert_eq!(reached.members, 0);
    assert_eq!(ada.get(path).await.expect(200).parse::<wire::GroupMembers>().members, 0);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_named() {
    let (_, ada) = demo().await;
    assert_eq!(fields(&ada.get("/connections/none").await.expect(422)), ["id"]);
    assert_eq!(fields(&ada.get("/connections?limit=0").await.expect(422)), ["limit"]);
    assert_eq!(fields(&ada.get("/connections?cursor=x").await.expect(422)), ["cursor"]);
    let misspelt = ada.get("/connections?functions=chat").await.expect(422);
    assert_eq!(fields(&misspelt), ["functions"], "a filter that nobody knows is no filter");
    let misspelt = ada.get("/connections/history?functions=chat").await.expect(422);
    assert_eq!(fields(&misspelt), ["functions"]);
    let not_base64 = ada.post("/groups/a", json!({ "body": "*", "body_is_base64": true })).await;
    assert_eq!(fields(&not_base64.expect(422)), ["body"]);
    let long = "x".repeat(129);
    assert_eq!(fields(&ada.get(&format!("/groups/{long}")).await.expect(422)), ["group"]);
}

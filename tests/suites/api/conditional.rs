//! Entity tags: a body is sent once, and nobody overwrites what they have not seen.

use harness::{Actor, Answer, guest};
use http::Method;
use serde_json::json;

use super::stage::{demo, functions};

async fn get_if_new(actor: &Actor, path: &str, tag: &str) -> Answer {
    actor.request(Method::GET, path).header("if-none-match", tag).send().await
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let (_, ada) = demo().await;
    functions(&ada, &["hello"]).await;
    for path in ["", "/functions", "/functions/hello", "/members", "/tokens"] {
        let first = ada.get(path).await.expect(200);
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{path}: {tag}");
        for known in [tag.clone(), format!("\"other\", {tag}"), format!("W/{tag}"), "*".to_owned()] {
            let second = get_if_new(&ada, path, &known).await.expect(304);
            assert!(second.bytes().is_empty() && second.header("etag") == tag, "{path}: {second:?}");
        }
        get_if_new(&ada, path, "\"other\"").await.expect(200);
    }
}

#[tokio::test]
async fn a_tag_changes_with_what_it_names() {
    let (_, ada) = demo().await;
    functions(&ada, &["hello"]).await;
    let mut seen = vec![ada.get("/functions/hello").await.header("etag").to_owned()];
    let mut moved = async |ada: &Actor| {
        let answer = get_if_new(ada, "/functions/hello", &seen.join(", ")).await.expect(200);
        seen.push(answer.header("etag").to_owned());
    };
    ada.patch("/functions/hello", json!({ "description": "says hello" })).await.expect(200);
    moved(&ada).await;
    ada.upload("hello", guest("hello")).await;
    moved(&ada).await;
    ada.deploy("hello", 1).await;
    moved(&ada).await;
}

#[tokio::test]
async fn nobody_overwrites_what_they_have_not_seen() {
    let (_, ada) = demo().await;
    functions(&ada, &["hello"]).await;
    let describe = async |tag: &str, text: &str| {
        let request = ada.request(Method::PATCH, "/functions/hello").header("if-match", tag);
        request.json(&json!({ "description": text })).send().await
    };
    let old = ada.get("/functions/hello").await.header("etag").to_owned();
    let changed = describe(&old, "first").await.expect(200);
    let refused = describe(&old, "second").await.expect(412);
    assert_eq!(refused.problem().code, "precondition-failed");
    let remove = async |tag: &str| ada.request(Method::DELETE, "/functions/hello").header("if-match", tag).send().await;
    remove(&old).await.expect(412);
    assert_eq!(ada.get("/functions/hello").await.json()["description"], "first");
    assert_eq!(describe("nonsense", "third").await.expect(422).problem().errors[0].field, "if-match");
    let changed = describe(changed.header("etag"), "fourth").await.expect(200);
    describe("*", "fifth").await.expect(200);
    remove(changed.header("etag")).await.expect(412);
    let now = ada.get("/functions/hello").await.header("etag").to_owned();
    remove(&now).await.expect(204);
    ada.get("/functions/hello").await.expect(404);
}

#[tokio::test]
async fn a_component_is_tagged_by_its_digest() {
    let (_, ada) = demo().await;
    let version = ada.upload("hello", guest("hello")).await;
    let path = "/functions/hello/versions/1/component";
    let tag = format!("\"{}\"", version.component_sha256);
    assert_eq!(ada.get(path).await.expect(200).header("etag"), tag);
    assert!(get_if_new(&ada, path, &tag).await.expect(304).bytes().is_empty());
}

//! `Idempotency-Key`: what is sent twice happens once.

use harness::{Actor, Answer, guest};
use http::Method;
use serde_json::{Value, json};

use super::stage::demo;

async fn post(actor: &Actor, path: &str, key: &str, body: &Value) -> Answer {
    actor.request(Method::POST, path).header("idempotency-key", key).json(body).send().await
}

#[tokio::test]
async fn the_same_request_twice_happens_once() {
    let (_, ada) = demo().await;
    let body = json!({ "name": "hello" });
    let first = post(&ada, "/functions", "k1", &body).await.expect(201);
    let second = post(&ada, "/functions", "k1", &body).await.expect(201);
    assert_eq!(first.bytes(), second.bytes());
    assert_eq!(first.header("location"), second.header("location"));
    assert_eq!((first.header("idempotency-replayed"), second.header("idempotency-replayed")), ("", "true"));
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    assert_eq!(ada.get("/functions").await.items().len(), 1);
}

#[tokio::test]
async fn at_once_the_same_request_happens_once_too() {
    let (_, ada) = demo().await;
    let body = json!({ "name": "hello" });
    let answers = futures::future::join_all((0..8).map(|_| post(&ada, "/functions", "k1", &body))).await;
    for answer in &answers {
        match answer.status().as_u16() {
            201 => {}
            409 => assert_eq!(answer.problem().code, "idempotency-conflict"),
            _ => panic!("{answer:?}"),
        }
    }
    assert!(answers.iter().any(|answer| answer.status() == 201));
    assert_eq!(ada.get("/functions").await.items().len(), 1);
}

#[tokio::test]
async fn a_key_belongs_to_one_request_of_one_caller() {
    let (project, ada) = demo().await;
    post(&ada, "/functions", "k1", &json!({ "name": "hello" })).await.expect(201);
    for (path, name) in [("/functions", "other"), ("/functions?x=1", "hello")] {
        let refused = post(&ada, path, "k1", &json!({ "name": name })).await;
        assert_eq!(refused.expect(409).problem().code, "idempotency-conflict");
    }
    let machine = project.machine("ada").await;
    post(&machine, "/functions", "k1", &json!({ "name": "other" })).await.expect(201);
}

#[tokio::test]
async fn what_was_refused_may_be_sent_again_with_its_key() {
    let (_, ada) = demo().await;
    let deploy = json!({ "versions": [{ "version": 1, "weight": 100 }] });
    post(&ada, "/functions/hello/deployments", "k1", &deploy).await.expect(404);
    ada.upload("hello", guest("hello")).await;
    post(&ada, "/functions/hello/deployments", "k1", &deploy).await.expect(201);
    post(&ada, "/functions/hello/deployments", "k1", &deploy).await.expect(201);
    assert_eq!(ada.get("/functions/hello/deployments").await.items().len(), 1);
}

#[tokio::test]
async fn an_upload_that_is_sent_twice_makes_one_version() {
    let (_, ada) = demo().await;
    let send = async || {
        let request = ada.request(Method::POST, "/functions/hello/versions?create=true&wait=60");
        request.header("idempotency-key", "build-42").body(guest("hello")).send().await.expect(201)
    };
    let (first, second) = (send().await, send().await);
    assert_eq!(first.bytes(), second.bytes());
    assert_eq!(second.header("idempotency-replayed"), "true");
    assert_eq!(ada.get("/functions/hello/versions").await.items().len(), 1);
}

#[tokio::test]
async fn a_secret_is_not_kept_for_a_repeat() {
    let (project, ada) = demo().await;
    let body = json!({ "name": "ci", "actions": ["function:read"] });
    let secret = post(&ada, "/tokens", "k1", &body).await.expect(201).parse::<wire::CreatedToken>().secret;
    let repeat = post(&ada, "/tokens", "k1", &body).await.expect(409);
    assert_eq!(repeat.problem().code, "secret-shown-once");
    assert_eq!(ada.get("/tokens").await.items().len(), 1);
    let folder = std::fs::read_dir(project.platform().data_dir()).unwrap();
    let database = folder.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("dormouse.db"));
    for file in database {
        let bytes = std::fs::read(file.path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{:?}", file.path());
    }
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let (_, ada) = demo().await;
    for key in ["", "two words", &"x".repeat(129)] {
        let refused = post(&ada, "/functions", key, &json!({ "name": "hello" })).await.expect(422);
        assert_eq!(refused.problem().errors[0].field, "idempotency-key", "{key:?}");
    }
    assert!(ada.get("/functions").await.items().is_empty());
}

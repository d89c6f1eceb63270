//! Secrets as a running guest reads them: in the version that its deployment is bound to.

use harness::Actor;
use http::Method;
use serde_json::json;

use super::stage::{demo, route, upload_with};

async fn write(ada: &Actor, value: &str) {
    let answer = ada.request(Method::PUT, "/secrets/API_KEY").json(&json!({ "value": value })).send().await;
    assert!(answer.status().is_success(), "{answer:?}");
}

/// What the function `asks` answers when it is asked for the secret `API_KEY`.
async fn read(ada: &Actor) -> String {
    let taken: wire::Call =
        ada.post("/functions/asks/calls", json!({ "body": "secret API_KEY" })).await.expect(202).parse();
    loop {
        let call: wire::Call = ada.get(&format!("/functions/asks/calls/{}", taken.id)).await.expect(200).parse();
        assert_eq!(call.error, None);
        match call.answer {
            Some(answer) => return answer.body,
            None => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test]
async fn a_guest_reads_the_version_that_its_deployment_is_bound_to() {
    let (_, ada) = demo().await;
    write(&ada, "open sesame").await;
    ada.post("/functions", json!({ "name": "asks" })).await.expect(201);
    let version = upload_with(&ada, "asks", "asks", json!({ "secrets": ["API_KEY"] })).await;
    route(&ada, "asks", version, json!([])).await;
    assert_eq!(read(&ada).await, "open sesame");
    write(&ada, "another").await;
    assert_eq!(read(&ada).await, "open sesame", "what was written later is not the deployment's");
    route(&ada, "asks", version, json!([])).await;
    assert_eq!(read(&ada).await, "another");
    ada.roll_back("asks").await;
    assert_eq!(read(&ada).await, "open sesame");
}

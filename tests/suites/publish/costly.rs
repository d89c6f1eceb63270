//! Components that are small to send and costly to compile: the API answers meanwhile, and the verdict is clear.

use harness::{Actor, Platform, guest};
use http::Method;
use wire::{Version, VersionState};

use super::greeting;
use crate::runtime::costly;

/// Sends `component` without waiting for the verdict, asks the API for things until it is there, and gives it.
async fn meanwhile(ada: &Actor, function: &str, component: Vec<u8>) -> Version {
    let path = format!("/functions/{function}/versions?create=true&wait=0");
    let upload = ada.request(Method::POST, &path).header("content-type", "application/wasm").body(component);
    let mut version: Version = upload.send().await.expect(202).parse();
    let path = format!("/functions/{function}/versions/{}", version.number);
    while version.state == VersionState::Preparing {
        ada.get("/functions").await.expect(200);
        version = ada.get(&path).await.expect(200).parse();
    }
    version
}

#[tokio::test]
async fn the_api_and_other_functions_answer_while_a_component_burns() {
    let platform = Platform::builder().argument("--compile-cpu-s").argument("2").start().await;
    let demo = platform.project("demo").with_owner("ada").create().await;
    let ada = demo.acting_as("ada");
    ada.publish("hello", guest("hello")).await;

    let burning = tokio::spawn({
        let ada = ada.clone();
        async move { meanwhile(&ada, "burner", harness::burner()).await }
    });
    while !burning.is_finished() {
        assert_eq!(greeting(&demo).await, "Hello from /\n");
    }
    let failure = burning.await.unwrap().failure.unwrap();
    assert_eq!(failure.code, "out-of-time");
    assert!(failure.message.contains("make it smaller"), "{}", failure.message);

    let failure = meanwhile(&ada, "empty", costly::empty_functions(200_000)).await.failure.unwrap();
    assert_eq!(failure.code, "too-complex");
    assert!(failure.message.contains("200002 functions; at most 100000"), "{}", failure.message);
}

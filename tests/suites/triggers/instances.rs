//! Instances that serve again, and instances that are made ahead, through the whole server.

use harness::{Platform, Project};
use http::{Method, StatusCode};
use serde_json::json;

use super::stage::{demo, demo_on, upload_with};

/// How often the tests ask before they say that something does not come.
const TRIES: usize = 1_000;

/// Asks the counter until it counts to `number`.
async fn until_counted(project: &Project, number: u32) {
    for _ in 0..TRIES {
        let answer = project.fetch("/counter/").await.expect(200);
        if answer.text() == format!("{number}\n") {
            return;
        }
    }
    panic!("no instance served {number} requests");
}

/// Waits until exactly `places` of the pool are free.
async fn until_free(project: &Project, places: usize) {
    const SURELY_FULL: usize = 50;
    let mut seen = Vec::new();
    for _ in 0..TRIES {
        let (mut held, mut refused) = (Vec::new(), 0);
        while refused < SURELY_FULL {
            let answer = project.preview("hostile", 1, Method::GET, "/stall").open().await.unwrap();
            match answer.status() {
                StatusCode::OK => {
                    held.push(answer);
                    refused = 0;
                }
                other => {
                    assert_eq!(other, StatusCode::SERVICE_UNAVAILABLE);
                    refused += 1;
                }
            }
        }
        if held.len() == places {
            return;
        }
        seen.push(held.len());
    }
    panic!("never {places} places were free, but {seen:?}");
}

#[tokio::test]
async fn an_instance_serves_again_where_its_version_says_so_and_never_another_version() {
    let (project, ada) = demo().await;
    upload_with(&ada, "counter", "counter", json!({})).await;
    upload_with(&ada, "counter", "counter", json!({ "reuse": {} })).await;
    upload_with(&ada, "counter", "counter", json!({ "reuse": { "max_reuse": 2 } })).await;
    ada.deploy("counter", 1).await;
    for _ in 0..5 {
        assert_eq!(project.fetch("/counter/").await.expect(200).text(), "1\n");
    }
    ada.deploy("counter", 2).await;
    until_counted(&project, 5).await;
    ada.deploy("counter", 3).await;
    for _ in 0..20 {
        let text = project.fetch("/counter/").await.expect(200).text();
        assert!(["1\n", "2\n"].contains(&text.as_str()), "{text}");
    }
    until_counted(&project, 2).await;
}

#[tokio::test]
async fn instances_are_made_ahead_for_as_long_as_their_version_is_live() {
    let platform = ["--max-instances", "6"].into_iter().fold(Platform::builder(), harness::Builder::argument);
    let (project, ada) = demo_on(platform.start().await).await;
    upload_with(&ada, "hostile", "hostile", json!({})).await;
    upload_with(&ada, "counter", "counter", json!({ "provisioned": 2 })).await;
    upload_with(&ada, "counter", "counter", json!({ "provisioned": 0 })).await;
    project.preview("counter", 1, Method::GET, "/").send().await.expect(200);
    until_free(&project, 6).await;
    ada.deploy("counter", 1).await;
    until_free(&project, 4).await;
    project.fetch("/counter/").await.expect(200);
    until_free(&project, 4).await;
    ada.deploy("counter", 2).await;
    until_free(&project, 6).await;
    ada.roll_back("counter").await;
    until_free(&project, 4).await;
    project.platform().restart().await;
    until_free(&project, 4).await;
    ada.delete("/functions/counter").await.expect(204);
    until_free(&project, 6).await;
}

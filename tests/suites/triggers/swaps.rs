//! Traffic that moves while requests are under way: nothing fails, nothing mixes, and what was asked for is live.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use harness::{Actor, Answer, Client, Platform, Project};
use http::Method;
use serde_json::json;

use super::stage::{demo, demo_on, upload_with};

/// Requests under way at once.
const IN_FLIGHT: usize = 1_000;

/// Deployments and rollbacks.
const SWAPS: usize = 50;

/// Connections that share the requests, since a server takes 128 at once from each.
const CLIENTS: usize = 10;

/// Two versions of `hello` that greet by their own name, the first one live.
async fn two_versions(ada: &Actor) {
    for greeting in ["v1", "v2"] {
        let configuration = json!({ "variables": { "GREETING": greeting }, "limits": { "concurrency": 10_000 } });
        upload_with(ada, "hello", "hello", configuration).await;
    }
    ada.deploy("hello", 1).await;
}

/// The version that `answer` came from, after a check that head and body agree on it.
#[track_caller]
fn version(answer: &Answer) -> String {
    assert_eq!(answer.status(), 200, "{answer:?}");
    let version = answer.header("dormouse-version").to_owned();
    assert_eq!(answer.text(), format!("{version} from /hello/\n"));
    version
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_requests_under_way_do_not_notice_fifty_swaps() {
    let platform = Platform::builder().argument("--project-concurrency").argument("10000").start().await;
    let (project, ada) = demo_on(platform).await;
    two_versions(&ada).await;
    let url = format!("http://{}:{}/hello/", project.host(), project.platform().data_port());
    let (over, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<Client> = (0..CLIENTS).map(|_| Client::new()).collect();
    let callers: Vec<_> = (0..IN_FLIGHT)
        .map(|n| {
            let (client, url) = (clients[n % CLIENTS].clone(), url.clone());
            let (over, answered) = (Arc::clone(&over), Arc::clone(&answered));
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    version(&client.request(Method::GET, &url).http2().send().await);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for swap in 0..SWAPS {
        if swap % 2 == 0 {
            ada.deploy("hello", 2).await;
        } else {
            ada.roll_back("hello").await;
        }
    }
    over.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
    let answered = answered.load(Ordering::Relaxed);
    assert!(answered >= IN_FLIGHT, "{answered} requests were answered");
}

#[tokio::test]
async fn what_was_asked_for_answers_every_request_from_the_moment_of_the_2xx() {
    let (project, ada) = demo().await;
    two_versions(&ada).await;
    let next = async |project: &Project| version(&project.fetch("/hello/").await);
    for _ in 0..10 {
        ada.deploy("hello", 2).await;
        for _ in 0..5 {
            assert_eq!(next(&project).await, "v2");
        }
        ada.roll_back("hello").await;
        for _ in 0..5 {
            assert_eq!(next(&project).await, "v1");
        }
    }
}

//! Traffic that moves while requests are under way: nothing fails, nothing mixes, and what was asked for is live.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use harness::{Actor, Answer, Client, Platform, Project};
use http::Method;
use http_body_util::BodyExt as _;
use serde_json::json;

use super::stage::{data, demo, demo_on, piecewise, upload_with};

/// Requests that are under way from before the first swap until after the last.
const HELD: usize = 1_000;

/// Deployments and rollbacks of each function.
const SWAPS: usize = 50;

/// Connections that share the held requests, since a server takes 128 at once from each.
const CLIENTS: usize = 10;

/// Callers that send one short request after the other meanwhile.
const CALLERS: usize = 4;

/// Two versions of the guest `function` that differ in the variable `GREETING`, the first one live.
async fn two_versions(ada: &Actor, function: &str) {
    for greeting in ["v1", "v2"] {
        let limits = json!({ "concurrency": 10_000, "timeout_ms": 300_000 });
        let configuration = json!({ "variables": { "GREETING": greeting }, "limits": limits });
        upload_with(ada, function, function, configuration).await;
    }
    ada.deploy(function, 1).await;
}

/// The version that `answer` came from, after a check that head and body agree on it.
#[track_caller]
fn version(answer: &Answer) -> String {
    assert_eq!(answer.status(), 200, "{answer:?}");
    let version = answer.header("dormouse-version").to_owned();
    assert_eq!(answer.text(), format!("{version} from /hello/\n"));
    version
}

/// Moves all traffic of `function` to and fro.
async fn swap(ada: &Actor, function: &str) {
    for n in 0..SWAPS {
        if n % 2 == 0 {
            ada.deploy(function, 2).await;
        } else {
            ada.roll_back(function).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_requests_under_way_do_not_notice_fifty_swaps() {
    let arguments = ["--project-concurrency", "10000", "--max-instances", "1100"];
    let platform = arguments.into_iter().fold(Platform::builder(), harness::Builder::argument).start().await;
    let (project, ada) = demo_on(platform).await;
    tokio::join!(two_versions(&ada, "echo"), two_versions(&ada, "hello"));

    let clients: Vec<Client> = (0..CLIENTS).map(|_| Client::new()).collect();
    let url = format!("http://{}:{}/echo/", project.host(), project.platform().data_port());
    let mut held = Vec::new();
    for n in 0..HELD {
        let (sender, body) = piecewise();
        sender.send(data(format!("{n} "))).await.unwrap();
        let request = clients[n % CLIENTS].request(Method::POST, &url).http2().stream(body);
        let answer = request.open().await.unwrap();
        assert_eq!((answer.status().as_u16(), &answer.headers()["dormouse-version"]), (200, &"v1".parse().unwrap()));
        held.push((n, sender, answer));
    }
    let over = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (project, over) = (project.clone(), Arc::clone(&over));
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    version(&project.fetch("/hello/").await);
                }
            })
        })
        .collect();
    tokio::join!(swap(&ada, "echo"), swap(&ada, "hello"));
    over.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
    for (n, sender, answer) in held {
        sender.send(data("after")).await.unwrap();
        drop(sender);
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), format!("{n} after"));
    }
}

#[tokio::test]
async fn what_was_asked_for_answers_every_request_from_the_moment_of_the_2xx() {
    let (project, ada) = demo().await;
    two_versions(&ada, "hello").await;
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

//! What the suites of the data plane have in common: a project with guests, and bodies that come in pieces.

use std::io;

use bytes::Bytes;
use futures::stream;
use harness::{Actor, Platform, Project, guest};
use http_body::{Body, Frame};
use http_body_util::StreamBody;
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// The project `demo` of `ada` on a platform of its own.
pub(crate) async fn demo() -> (Project, Actor) {
    demo_on(Platform::start().await).await
}

/// The project `demo` of `ada` on `platform`.
pub(crate) async fn demo_on(platform: Platform) -> (Project, Actor) {
    let project = platform.project("demo").with_owner("ada").create().await;
    let ada = project.acting_as("ada");
    (project, ada)
}

/// Uploads the guest `component` as the next version of `function` with `configuration`, and gives its number.
pub(crate) async fn upload_with(actor: &Actor, function: &str, component: &str, configuration: Value) -> u32 {
    let answer = actor.try_upload_with(function, &guest(component), &configuration).await;
    assert!(answer.status().is_success(), "{answer:?}");
    let version = actor.settled(function, answer.parse()).await;
    assert_eq!(version.state, wire::VersionState::Ready, "{version:?}");
    version.number
}

/// Sends all of the traffic that `triggers` describe to one version of `function`.
pub(crate) async fn route(actor: &Actor, function: &str, version: u32, triggers: Value) {
    let body = json!({ "versions": [{ "version": version, "weight": 100 }], "triggers": triggers });
    actor.post(&format!("/functions/{function}/deployments"), body).await.expect(201);
}

/// A body whose frames the test sends one by one; it ends when the sender is dropped.
pub(crate) fn piecewise() -> (mpsc::Sender<Frame<Bytes>>, impl Body<Data = Bytes, Error = io::Error> + Send) {
    let (sender, receiver) = mpsc::channel(1);
    let frames = stream::unfold(receiver, |mut receiver: mpsc::Receiver<Frame<Bytes>>| async move {
        let frame = receiver.recv().await?;
        Some((Ok(frame), receiver))
    });
    (sender, StreamBody::new(frames))
}

/// A frame of data.
pub(crate) fn data(bytes: impl Into<Bytes>) -> Frame<Bytes> {
    Frame::data(bytes.into())
}

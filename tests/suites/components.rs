//! Other people's components: what the usual toolchains make is uploaded as it is, and holds what it promises.
//!
//! The tours of `guests/` promise the same in each language; `guests/README.md` lists their stops.

mod elsewhere;
mod tour;

use std::io::{self, Write as _};

use bytes::Bytes;
use harness::{Actor, Platform, Project, try_guest};
use http::Method;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use self::{elsewhere::Elsewhere, tour::Tour};

/// A project whose functions may call one other server.
struct Stage {
    project: Project,
    ada: Actor,
    elsewhere: Elsewhere,
}

impl Stage {
    async fn set() -> Self {
        let project = Platform::start().await.project("demo").with_owner("ada").create().await;
        let ada = project.acting_as("ada");
        Self { project, ada, elsewhere: Elsewhere::start().await }
    }

    /// Uploads the guest `name` as it is and sends traffic to it, with `/<name>` before its paths.
    ///
    /// `None` if this machine cannot build it, which standard error then says, past the test runner's capture.
    async fn publish(&self, name: &'static str) -> Option<Tour<'_>> {
        let component = try_guest(name).map_err(|reason| skip(name, &reason)).ok()?;
        let configuration = json!({ "allowed_outbound_hosts": [self.elsewhere.address()] });
        let answer = self.ada.try_upload_with(name, &component, &configuration).await;
        assert!(answer.status().is_success(), "{answer:?}");
        let version = self.ada.settled(name, answer.parse()).await;
        assert_eq!(version.state, wire::VersionState::Ready, "{version:?}");
        assert_eq!(version.component_bytes, u64::try_from(component.len()).unwrap());
        self.ada.deploy(name, version.number).await;
        Some(Tour { project: &self.project, elsewhere: &self.elsewhere, function: name })
    }
}

fn skip(name: &str, reason: &str) {
    let notice = format!("SKIPPED: nothing was tested of the component {name}, which was not built: {reason}\n");
    io::stderr().write_all(notice.as_bytes()).unwrap();
}

#[tokio::test]
async fn rust_components_of_both_generations_run_as_they_are() {
    let stage = Stage::set().await;
    for name in ["tour-wstd", "tour-wasip2", "tour-wasip3"] {
        let tour = stage.publish(name).await.expect("Rust guests are always built");
        tour.holds().await;
        tour.passes_trailers().await;
    }
}

#[tokio::test]
async fn javascript_components_run_as_they_are() {
    let stage = Stage::set().await;
    if let Some(tour) = stage.publish("tour-javascript").await {
        // `fetch` handlers know no trailers.
        tour.holds().await;
    }
    let Ok(component) = try_guest("hello-javascript").map_err(|reason| skip("hello-javascript", &reason)) else {
        return;
    };
    stage.ada.publish("hello", component).await;
    assert_eq!(stage.project.fetch("/hello/world").await.expect(200).text(), "Hello from /hello/world\n");
}

#[tokio::test]
async fn python_components_of_both_generations_run_as_they_are() {
    let stage = Stage::set().await;
    for name in ["tour-python", "tour3-python"] {
        if let Some(tour) = stage.publish(name).await {
            tour.holds().await;
            tour.passes_trailers().await;
        }
    }
    let Some(tour) = stage.publish("gather-python").await else { return };
    // Each of the two answers only after both were asked for.
    let urls = ["one", "other"].map(|path| format!("{}/meeting/{path}", stage.elsewhere.address()));
    let query = urls.each_ref().map(|url| format!("url={url}")).join("&");
    let answer = tour.request(Method::GET, &format!("/?{query}")).send().await.expect(200).text();
    let mut lines: Vec<&str> = answer.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, urls.map(|url| format!("{url}: {}", hex(&Sha256::digest(elsewhere::MEETING)))));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A body that no chunk divides evenly.
fn large_body() -> Bytes {
    (0..=1 << 20_u32).map(|at: u32| u8::try_from(at % 251).unwrap()).collect::<Vec<_>>().into()
}

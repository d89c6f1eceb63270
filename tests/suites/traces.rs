//! Traces, metrics and logs leave by OTLP where the standard variables ask for it.

use std::sync::{Arc, Mutex};

use axum::{Router, extract::State, http::Uri};
use bytes::Bytes;
use harness::{Platform, guest};
use http::Method;
use tokio::net::TcpListener;

/// Requests that a collector took: paths and bodies.
type Taken = Arc<Mutex<Vec<(String, Bytes)>>>;

/// A collector that takes everything, and its address.
async fn collector() -> (Taken, String) {
    let taken = Taken::default();
    let take = async |State(taken): State<Taken>, uri: Uri, body: Bytes| {
        taken.lock().unwrap().push((uri.path().to_owned(), body));
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(take).with_state(Arc::clone(&taken));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (taken, address)
}

/// Whether a body that was sent to `path` holds `part`: names and ids stand in them as they are.
fn holds(taken: &Taken, path: &str, part: &[u8]) -> bool {
    let taken = taken.lock().unwrap();
    taken.iter().any(|(to, body)| to == path && body.windows(part.len()).any(|window| window == part))
}

#[tokio::test]
async fn a_callers_trace_goes_on_in_the_platform_and_in_the_guest() {
    let (taken, address) = collector().await;
    let platform = Platform::builder().env("OTEL_EXPORTER_OTLP_ENDPOINT", &address).start().await;
    let project = platform.project("demo").with_owner("ada").create().await;
    let ada = project.acting_as("ada");
    ada.upload("hostile", guest("hostile")).await;

    let (asked, called) = ([0xa1_u8; 16], [0xb2_u8; 16]);
    let parent =
        |trace: [u8; 16]| format!("00-{}-00f067aa0ba902b7-01", trace.map(|byte| format!("{byte:02x}")).concat());
    ada.request(Method::GET, "/functions").header("traceparent", parent(asked)).send().await.expect(200);
    let call = project.preview("hostile", 1, Method::GET, "/headers").header("traceparent", parent(called));
    let seen = call.send().await.expect(200).text();
    let trace = parent(called)[..36].to_owned();
    let below = seen.lines().find(|line| line.starts_with(&format!("traceparent: \"{trace}")));
    assert!(below.is_some_and(|line| !line.contains("00f067aa0ba902b7")), "the guest is not below our span:\n{seen}");

    assert!(platform.terminate().await.success());
    for (path, part) in [
        ("/v1/traces", &asked[..]),
        ("/v1/traces", b"GET /api/v1/projects/{project}/functions"),
        ("/v1/traces", &called),
        ("/v1/traces", b"triggers.invocation.run"),
        ("/v1/metrics", b"faas.invoke_duration"),
        ("/v1/logs", b"invocation ended"),
    ] {
        assert!(holds(&taken, path, part), "nothing sent to {path} holds {:?}", String::from_utf8_lossy(part));
    }
}

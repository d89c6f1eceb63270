//! Outgoing requests through the whole server: the list is the version's, and the platform is out of reach.

use axum::{Router, routing::get};
use harness::{Answer, Platform, Project, guest};
use http::Method;
use serde_json::json;
use tokio::net::TcpListener;

use super::stage::{demo, demo_on, upload_with};

/// A server on 127.0.0.1 that answers, and its port.
async fn neighbour() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new().route("/", get(async || "next door"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    port
}

/// What became of requests to 127.0.0.1 at `ports`, sent by one version of `fetch`.
async fn ask(project: &Project, version: u32, ports: &[u16]) -> Answer {
    let lines: Vec<_> = ports.iter().map(|port| format!("GET http 127.0.0.1:{port} /")).collect();
    project.preview("fetch", version, Method::POST, "/").body(lines.join("\n")).send().await
}

#[tokio::test]
async fn a_version_calls_what_its_own_list_names() {
    let (project, ada) = demo().await;
    let port = neighbour().await;
    upload_with(&ada, "fetch", "fetch", json!({})).await;
    let list = json!([format!("http://127.0.0.1:{port}"), "https://API.example.com:443"]);
    upload_with(&ada, "fetch", "fetch", json!({ "allowed_outbound_hosts": list })).await;
    assert_eq!(ask(&project, 1, &[port]).await.text(), "HttpRequestDenied\n");
    assert_eq!(ask(&project, 2, &[port]).await.text(), "200 next door\n");
    let version = ada.get("/functions/fetch/versions/2").await.json();
    let kept = json!([format!("http://127.0.0.1:{port}"), "https://api.example.com"]);
    assert_eq!(version["configuration"]["allowed_outbound_hosts"], kept);
    // A version without a configuration has that of the one before.
    ada.upload("fetch", guest("fetch")).await;
    assert_eq!(ask(&project, 3, &[port]).await.text(), "200 next door\n");
}

#[tokio::test]
async fn the_platforms_own_listeners_are_out_of_reach() {
    let (project, ada) = demo().await;
    let control: u16 = project.platform().ready().control.rsplit(':').next().unwrap().parse().unwrap();
    let ports = [control, project.platform().data_port()];
    let list = ports.map(|port| format!("http://127.0.0.0/8:{port}"));
    upload_with(&ada, "fetch", "fetch", json!({ "allowed_outbound_hosts": list })).await;
    assert_eq!(ask(&project, 1, &ports).await.text(), "DestinationIpProhibited\n".repeat(2));
}

#[tokio::test]
async fn an_operator_may_close_private_addresses() {
    let (project, ada) = demo_on(Platform::builder().argument("--outbound-private=false").start().await).await;
    let port = neighbour().await;
    upload_with(&ada, "fetch", "fetch", json!({ "allowed_outbound_hosts": [format!("http://127.0.0.1:{port}")] }))
        .await;
    assert_eq!(ask(&project, 1, &[port]).await.text(), "DestinationIpProhibited\n");
}

#[tokio::test]
async fn what_cannot_be_allowed_is_told_by_its_place_in_the_list() {
    let (_project, ada) = demo().await;
    let many: Vec<_> = (0..65).map(|n| format!("https://n{n}.example.com")).collect();
    for (list, field, said) in [
        (json!(["https://a.example", "api.example.com"]), "allowed_outbound_hosts[1]", "https://api.example.com"),
        (json!(["http://169.254.169.254"]), "allowed_outbound_hosts[0]", "leave it out"),
        (json!(many), "allowed_outbound_hosts", "at most 64"),
    ] {
        let configuration = json!({ "allowed_outbound_hosts": list });
        let refused = ada.try_upload_with("fetch", &guest("fetch"), &configuration).await.expect(422).problem();
        let error = refused.errors.first().unwrap();
        assert_eq!(error.field, field, "{error:?}");
        assert!(error.message.contains(said), "{error:?}");
    }
}

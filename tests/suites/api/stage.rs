//! What the suites of the API have in common.

use harness::{Actor, Answer, Platform, Project};
use http::Method;
use serde_json::json;

/// The project `demo` of `ada` on a platform of its own.
pub(super) async fn demo() -> (Project, Actor) {
    demo_on(Platform::start().await).await
}

/// The project `demo` of `ada` on `platform`.
pub(super) async fn demo_on(platform: Platform) -> (Project, Actor) {
    let project = platform.project("demo").with_owner("ada").create().await;
    let ada = project.acting_as("ada");
    (project, ada)
}

/// Uploads `body` as a version of `function` with `query`, and gives whatever comes back.
pub(super) async fn upload(actor: &Actor, function: &str, query: &str, body: impl Into<bytes::Bytes>) -> Answer {
    let path = format!("/functions/{function}/versions?{query}");
    actor.request(Method::POST, &path).body(body).send().await
}

/// Creates the functions `names`.
pub(super) async fn functions(actor: &Actor, names: &[&str]) {
    for name in names {
        actor.post("/functions", json!({ "name": name })).await.expect(201);
    }
}

/// The fields that a refusal names.
pub(super) fn fields(answer: &Answer) -> Vec<String> {
    answer.problem().errors.into_iter().map(|error| error.field).collect()
}

/// Signs `name` in anew, and gives the cookie and the CSRF token.
pub(super) async fn sign_in(platform: &Platform, name: &str) -> (String, String) {
    let body = json!({ "email": format!("{name}@example.com"), "password": format!("{name} sleeps until called") });
    let answer = platform.anonymous().post("/session", body).await.expect(201);
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    (cookie, answer.parse::<wire::Session>().csrf_token)
}

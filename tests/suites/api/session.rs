//! Setting up, signing in and out, and what protects a session.

use harness::Platform;
use http::Method;
use serde_json::json;

use super::stage::{demo, sign_in};

#[tokio::test]
async fn the_set_up_link_works_once() {
    let platform = Platform::start().await;
    let link = platform.ready().set_up_link.unwrap();
    let token = link.split("token=").nth(1).unwrap();
    let anyone = platform.anonymous();
    assert_eq!(anyone.get("/set-up").await.expect(200).json()["open"], true);
    let preview: wire::InvitationPreview = anyone.get(&format!("/invitations/{token}")).await.expect(200).parse();
    assert!(preview.set_up && preview.email.is_none());

    let accept = json!({ "token": token, "name": "Ada", "email": "ada@example.com", "password": "a dozen letters" });
    let mut weak = accept.clone();
    weak["password"] = "short".into();
    let refused = anyone.post("/invitations/accept", &weak).await.expect(422);
    assert_eq!(refused.problem().errors[0].field, "password");
    let answer = anyone.post("/invitations/accept", &accept).await.expect(201);
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("dormouse=") && cookie.contains("HttpOnly"), "{cookie}");
    assert!(cookie.contains("SameSite=Strict") && cookie.contains("Path=/"), "{cookie}");

    assert_eq!(anyone.get("/set-up").await.expect(200).json()["open"], false);
    anyone.post("/invitations/accept", &accept).await.expect(404);
    anyone.get(&format!("/invitations/{token}")).await.expect(404);
}

#[tokio::test]
async fn a_session_begins_with_a_password_and_ends_with_sign_out() {
    let (project, _) = demo().await;
    let platform = project.platform();
    let (cookie, csrf) = sign_in(platform, "ada").await;
    let session = async || platform.control(Method::GET, "/api/v1/session").header("cookie", &cookie).send().await;
    let found: wire::Session = session().await.expect(200).parse();
    assert_eq!((found.csrf_token, found.whoami.name.as_str()), (csrf.clone(), "ada"));
    let out = platform.control(Method::DELETE, "/api/v1/session").header("cookie", &cookie);
    let out = out.header("x-csrf-token", &csrf).send().await.expect(204);
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{out:?}");
    session().await.expect(204);
}

#[tokio::test]
async fn a_change_by_cookie_needs_the_csrf_token_and_our_own_origin() {
    let (project, _) = demo().await;
    let platform = project.platform();
    let (cookie, csrf) = sign_in(platform, "ada").await;
    let (_, foreign) = sign_in(platform, "ada").await;
    let origin = platform.ready().control;
    let attempt = async |name: &str, headers: &[(&str, &str)]| {
        let mut request = platform.control(Method::POST, "/api/v1/projects/demo/functions").header("cookie", &cookie);
        for (header, value) in headers {
            request = request.header(*header, *value);
        }
        request.json(&json!({ "name": name })).send().await
    };
    for refused in [
        &[][..],
        &[("x-csrf-token", "")],
        &[("x-csrf-token", &foreign)],
        &[("x-csrf-token", &csrf), ("origin", "https://elsewhere.example")],
        &[("x-csrf-token", &csrf), ("origin", "null")],
        &[("x-csrf-token", &csrf), ("origin", &origin.replace(':', ":1"))],
    ] {
        assert_eq!(attempt("refused", refused).await.expect(403).problem().code, "csrf", "{refused:?}");
    }
    assert!(project.acting_as("ada").get("/functions").await.items().is_empty());
    attempt("one", &[("x-csrf-token", &csrf)]).await.expect(201);
    attempt("two", &[("x-csrf-token", &csrf), ("origin", &origin)]).await.expect(201);
}

#[tokio::test]
async fn a_foreign_page_cannot_sign_anyone_in() {
    let (project, _) = demo().await;
    let body = json!({ "email": "ada@example.com", "password": "ada sleeps until called" });
    let request =
        project.platform().control(Method::POST, "/api/v1/session").header("origin", "https://elsewhere.example");
    assert_eq!(request.json(&body).send().await.expect(403).problem().code, "csrf");
}

#[tokio::test]
async fn a_token_has_no_session_and_neither_has_nobody() {
    let (project, _) = demo().await;
    let token = project.platform().holding(&project.token("ada").await);
    token.get("/session").await.expect(204);
    project.platform().anonymous().get("/session").await.expect(204);
    let whoami: wire::Whoami = token.get("/whoami").await.expect(200).parse();
    assert_eq!((whoami.kind, whoami.name.as_str()), (wire::WhoamiKind::Token, "ci"));
    assert!(whoami.expires_at_us.is_some() && whoami.projects.len() == 1, "{whoami:?}");
}

#[tokio::test]
async fn guessing_passwords_is_slowed_down() {
    let (project, _) = demo().await;
    let anyone = project.platform().anonymous();
    let guess = async || anyone.post("/session", json!({ "email": "ada@example.com", "password": "guess" })).await;
    let unknown = anyone.post("/session", json!({ "email": "bob@example.com", "password": "guess" })).await;
    let first = guess().await;
    assert_eq!(unknown.expect(401).problem().detail, first.expect(401).problem().detail);
    for _ in 0..100 {
        let answer = guess().await;
        if answer.status() == 429 {
            assert_eq!(answer.problem().code, "rate-limited");
            assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
            return;
        }
        answer.expect(401);
    }
    panic!("a hundred guesses were taken");
}

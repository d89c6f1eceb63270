//! Sessions: signing in, seeing who is signed in, signing out.

use axum::{
    Json as Answer,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use control::{Caller, Control, SecretString, SignedIn};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::whoami;
use crate::{
    Shared,
    extract::{Authenticated, Json, SameOrigin},
    problem::{Kind, Problem},
    session_cookie,
};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(sign_in, find, sign_out))
}

/// Signs a person in.
///
/// The session is in the cookie that comes with the answer, which scripts cannot read. What changes
/// something must carry the answer's `csrf_token` in `x-csrf-token`.
#[utoipa::path(
    post, path = "/session", tag = "access", operation_id = "sign_in", security(()),
    request_body = wire::SignIn,
    responses(
        (status = 201, description = "The session", body = wire::Session),
        (status = 401, description = "`unauthenticated`: the address or the password is wrong"),
        (status = 429, description = "`rate-limited`: too many attempts; see `Retry-After`"),
    ),
)]
async fn sign_in(
    _: SameOrigin,
    State(shared): State<Shared>,
    Json(body): Json<wire::SignIn>,
) -> Result<Response, Problem> {
    let signed_in = shared.control.sign_in(&body.email, SecretString::from(body.password)).await?;
    begun(&shared, &signed_in)
}

/// Reads the session of the cookie.
///
/// A browser asks before it knows whether anybody is signed in, so that nobody is an answer too.
#[utoipa::path(
    get, path = "/session", tag = "access", operation_id = "find_session", security((), ("session" = [])),
    responses(
        (status = 200, description = "The session", body = wire::Session),
        (status = 204, description = "Nobody is signed in"),
    ),
)]
async fn find(caller: Result<Authenticated, Problem>) -> Result<Response, Problem> {
    match caller.and_then(|Authenticated(caller)| present(&caller)) {
        Ok(session) => Ok(Answer(session).into_response()),
        Err(problem) if problem.code() == Kind::UNAUTHENTICATED.code => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(problem) => Err(problem),
    }
}

/// Signs out: the session is worth nothing any more.
#[utoipa::path(
    delete, path = "/session", tag = "access", operation_id = "sign_out", security(("session" = [], "csrf" = [])),
    responses((status = 204, description = "Signed out")),
)]
async fn sign_out(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    State(shared): State<Shared>,
) -> Result<Response, Problem> {
    control.sign_out(&caller).await?;
    Ok(with_cookie(StatusCode::NO_CONTENT.into_response(), session_cookie::clear(shared.config.is_https())))
}

/// The answer to a sign-in: the session, and the cookie that holds it.
pub(super) fn begun(shared: &Shared, signed_in: &SignedIn) -> Result<Response, Problem> {
    let seconds = (signed_in.expires_at.as_us() - shared.config.ids.now().as_us()).max(0) / 1_000_000;
    let cookie = session_cookie::set(&signed_in.secret, seconds, shared.config.is_https());
    let answer = (StatusCode::CREATED, Answer(present(&signed_in.caller)?)).into_response();
    Ok(with_cookie(answer, cookie))
}

fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// A session as HTTP carries it; a token has none.
fn present(caller: &Caller) -> Result<wire::Session, Problem> {
    let csrf_token = caller.csrf_token().ok_or(control::Error::Unauthenticated)?;
    Ok(wire::Session {
        csrf_token: csrf_token.to_owned(),
        expires_at_us: caller.expires_at(),
        whoami: whoami::present(caller),
    })
}

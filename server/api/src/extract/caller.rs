//! Who makes the request: a bearer token, or a session's cookie with its CSRF token.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, HeaderName, header, request::Parts},
};
use control::{Caller, Control, Credential, Principal, SecretString};
use domain::version::Source;

use crate::{
    Shared,
    layer::host::{authority, is_same_origin},
    problem::{Kind, Problem},
    session_cookie,
};

const X_CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

/// A caller whose credential is valid.
///
/// A session's request that changes something has shown the session's CSRF token and comes from our own origin.
#[derive(Clone, Debug)]
pub(crate) struct Authenticated(pub(crate) Caller);

impl FromRequestParts<Shared> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        Self::of(parts, &Control::from_ref(shared)).await
    }
}

impl Authenticated {
    /// The caller of the request; asks the store once for each request.
    pub(crate) async fn of(parts: &mut Parts, control: &Control) -> Result<Self, Problem> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let credential = credential(&parts.headers)?;
        let by_cookie = matches!(credential, Credential::Session(_));
        let caller = control.authenticate(credential).await?;
        if by_cookie && !parts.method.is_safe() {
            check_origin(parts)?;
            caller.check_csrf(parts.headers.get(X_CSRF_TOKEN).and_then(|value| value.to_str().ok()))?;
        }
        let authenticated = Self(caller);
        parts.extensions.insert(authenticated.clone());
        Ok(authenticated)
    }
}

/// A request without a session that a foreign page must not make, such as signing in.
pub(crate) struct SameOrigin;

impl<S: Sync> FromRequestParts<S> for SameOrigin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        check_origin(parts).map(|()| Self)
    }
}

/// Where a caller's uploads come from.
pub(crate) struct Client(pub(crate) Source);

impl FromRequestParts<Shared> for Client {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        let Authenticated(caller) = Authenticated::from_request_parts(parts, shared).await?;
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self(match caller.principal() {
            Principal::Person { .. } => Source::Console,
            Principal::Token { .. } if agent.starts_with("dormouse-cli/") => Source::Cli,
            Principal::Token { .. } => Source::Api,
        }))
    }
}

fn credential(headers: &HeaderMap) -> Result<Credential, Problem> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let text = value.to_str().unwrap_or_default();
        let secret = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        return match secret {
            Some((_, secret)) => Ok(Credential::Token(SecretString::from(secret.trim().to_owned()))),
            None => Err(Problem::new(
                Kind::UNAUTHENTICATED,
                "the authorization header has another scheme; send Bearer dm_…",
            )),
        };
    }
    match session_cookie::read(headers) {
        Some(secret) => Ok(Credential::Session(SecretString::from(secret))),
        None => Err(control::Error::Unauthenticated.into()),
    }
}

fn check_origin(parts: &Parts) -> Result<(), Problem> {
    let Some(origin) = parts.headers.get(header::ORIGIN) else { return Ok(()) };
    let same = match (origin.to_str(), authority(&parts.uri, &parts.headers)) {
        (Ok(origin), Some(authority)) => is_same_origin(origin, &authority),
        _ => false,
    };
    if same { Ok(()) } else { Err(control::Error::Csrf.into()) }
}

//! `Idempotency-Key`: a POST that is sent twice happens once.
//!
//! Only successes are kept; what was refused may be sent again with the same key. An answer that
//! shows a secret is not kept: its repeat is told so, and nothing is made twice.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use control::{Answer, IdempotencyKey, Reservation};
use domain::{Digest, Invalid};
use http_body_util::BodyExt;
use tracing::Instrument as _;

use crate::{
    Shared,
    extract::{Authenticated, read_body},
    problem::{Kind, Problem},
};

/// The header with the client's key.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Marks an answer that shows a secret, so that it is never kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShowsSecret;

/// Honours the key on a POST whose body is small: the body is part of what makes the request.
pub(crate) async fn replay(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    once(shared, request, next, true).await.unwrap_or_else(IntoResponse::into_response)
}

/// Honours the key on an upload, whose body is not read twice: key, path and query make the request.
pub(crate) async fn replay_upload(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    once(shared, request, next, false).await.unwrap_or_else(IntoResponse::into_response)
}

async fn once(shared: Shared, request: Request, next: Next, with_body: bool) -> Result<Response, Problem> {
    if request.method() != Method::POST || !request.headers().contains_key(IDEMPOTENCY_KEY) {
        return Ok(next.run(request).await);
    }
    let (mut parts, mut body) = request.into_parts();
    let key: IdempotencyKey = parts
        .headers
        .get(IDEMPOTENCY_KEY)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .parse()
        .map_err(|Invalid { message, .. }: Invalid| Invalid::new(IDEMPOTENCY_KEY.as_str(), message))?;
    let Authenticated(caller) = Authenticated::of(&mut parts, &shared.control).await?;
    let mut what = format!("{} {}\n", parts.method, parts.uri).into_bytes();
    if with_body {
        let bytes = read_body(body).await?;
        what.extend_from_slice(&bytes);
        body = Body::from(bytes);
    }
    let ticket = match shared.control.reserve(&caller, key, Digest::of(&what)).await? {
        Reservation::Replay(answer) => return replayed(answer),
        Reservation::New(ticket) => ticket,
    };
    // A client that goes away must find the answer when it asks again.
    let work = async move {
        let response = next.run(Request::from_parts(parts, body)).await;
        let (response, answer) = kept(response).await;
        let recorded = match answer {
            Some(answer) => shared.control.complete(ticket, answer).await,
            None => shared.control.release(ticket).await,
        };
        if let Err(error) = recorded {
            tracing::warn!(%error, "the outcome of an idempotency key was not recorded");
        }
        response
    };
    tokio::spawn(work.in_current_span()).await.map_err(|_| Problem::new(Kind::INTERNAL, "the request was broken off"))
}

/// Reads what is to be kept of a success.
async fn kept(response: Response) -> (Response, Option<Answer>) {
    if !response.status().is_success() {
        return (response, None);
    }
    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    if response.extensions().get::<ShowsSecret>().is_some() {
        let answer = Answer { status: StatusCode::CONFLICT.as_u16(), location, body: Bytes::new() };
        return (response, Some(answer));
    }
    let (parts, body) = response.into_parts();
    let Ok(whole) = body.collect().await else {
        return (Problem::new(Kind::INTERNAL, "the answer could not be written").into_response(), None);
    };
    let body = whole.to_bytes();
    let answer = Answer { status: parts.status.as_u16(), location, body: body.clone() };
    (Response::from_parts(parts, Body::from(body)), Some(answer))
}

fn replayed(answer: Answer) -> Result<Response, Problem> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    if status == StatusCode::CONFLICT {
        return Err(Problem::new(
            Kind::SECRET_SHOWN_ONCE,
            "the request with this key was done, and its answer showed a secret that is not kept; \
             revoke what it made and ask again with a new key",
        ));
    }
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(location) = answer.location.and_then(|location| HeaderValue::try_from(location).ok()) {
        headers.insert(header::LOCATION, location);
    }
    Ok(response)
}

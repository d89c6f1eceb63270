//! Entity tags of answers, and 304 for what the client has already (RFC 9110, section 13.1.2).

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;

use crate::{
    entity_tag,
    problem::{Kind, Problem},
};

/// Tags every JSON answer to a GET and leaves out the body that the client has.
///
/// Answers of the API are kept by nobody else and asked for afresh each time.
pub(crate) async fn tag(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let known = if_none_match(request.headers());
    let mut response = next.run(request).await;
    if !response.headers().contains_key(header::CACHE_CONTROL) {
        let value = HeaderValue::from_static(if reads { "private, no-cache" } else { "no-store" });
        response.headers_mut().insert(header::CACHE_CONTROL, value);
    }
    if !reads || response.status() != StatusCode::OK {
        return response;
    }
    if !response.headers().contains_key(header::ETAG) {
        if !is_json(response.headers()) {
            return response;
        }
        response = match with_tag(response).await {
            Ok(response) => response,
            Err(problem) => return problem.into_response(),
        };
    }
    not_modified(&response, known.as_deref()).unwrap_or(response)
}

/// The 304 in place of `response`, where its tag is among `known`.
pub(crate) fn not_modified(response: &Response, known: Option<&str>) -> Option<Response> {
    let tag = response.headers().get(header::ETAG)?.to_str().ok()?;
    if !entity_tag::lists(known?, tag) {
        return None;
    }
    let mut short = StatusCode::NOT_MODIFIED.into_response();
    for name in [header::ETAG, header::CACHE_CONTROL, header::VARY] {
        if let Some(value) = response.headers().get(&name) {
            short.headers_mut().insert(name, value.clone());
        }
    }
    Some(short)
}

/// The tags that the client has.
pub(crate) fn if_none_match(headers: &HeaderMap) -> Option<String> {
    headers.get(header::IF_NONE_MATCH)?.to_str().ok().map(str::to_owned)
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/json"))
}

async fn with_tag(response: Response) -> Result<Response, Problem> {
    let (mut parts, body) = response.into_parts();
    let whole = body.collect().await.map_err(|_| Problem::new(Kind::INTERNAL, "the answer could not be written"))?;
    let bytes = whole.to_bytes();
    if let Ok(tag) = HeaderValue::try_from(entity_tag::of_bytes(&bytes)) {
        parts.headers.insert(header::ETAG, tag);
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

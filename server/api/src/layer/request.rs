//! Gives every request its id, and writes problems with it.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use domain::id;

use crate::{Shared, problem::Problem};

/// Where the id travels, in requests and in answers.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Keeps the client's request id if it is valid, else makes one; answers with it; writes the body of a [`Problem`].
pub(crate) async fn identify(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    let id = kept(request.headers()).unwrap_or_else(|| made(&shared));
    request.headers_mut().insert(X_REQUEST_ID, id.clone());
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = written(problem, &id, response);
    }
    response.headers_mut().insert(X_REQUEST_ID, id);
    response
}

/// The client's id, if it is 1 to 128 visible ASCII characters.
fn kept(headers: &HeaderMap) -> Option<HeaderValue> {
    let value = headers.get(X_REQUEST_ID)?;
    let visible = value.as_bytes().iter().all(u8::is_ascii_graphic);
    (visible && (1..=128).contains(&value.len())).then(|| value.clone())
}

fn made(shared: &Shared) -> HeaderValue {
    let id = shared.config.ids.next::<id::Request>().to_string();
    HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("req_0"))
}

fn written(problem: Problem, id: &HeaderValue, response: Response) -> Response {
    let wire = problem.into_wire(id.to_str().unwrap_or_default());
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let body = serde_json::to_vec(&wire).unwrap_or_default();
    Response::from_parts(parts, Body::from(body))
}

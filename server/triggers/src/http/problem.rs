//! What the platform answers itself: one problem for each way in which a request reaches no answer.

use bytes::Bytes;
use control::InvokeFault;
use domain::{id::InvocationId, invocation::Outcome};
use http::{
    HeaderValue, Response, StatusCode,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
};

use super::headers::INVOCATION;

/// A reason for which a request gets no answer from a guest.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    detail: String,
    retry_after_s: Option<u32>,
    allow: Option<String>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), retry_after_s: None, allow: None }
    }

    const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The host is missing or malformed.
    pub(super) fn bad_host() -> Self {
        let detail = "the request names no host, several, or one that is malformed; send one Host header";
        Self::new(StatusCode::BAD_REQUEST, "malformed-host", detail)
    }

    /// No function answers at this host and path.
    pub(super) fn no_route(host: &str, path: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "no-route", format!("no function answers {path} at {host}"))
    }

    /// Functions answer here, but none for this method.
    pub(super) fn method_not_allowed(methods: &[String]) -> Self {
        let allow = methods.join(", ");
        let detail = format!("no function answers this method here; use {allow}");
        let refusal = Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", detail);
        Self { allow: Some(allow), ..refusal }
    }

    /// The platform is stopping.
    pub(super) fn draining() -> Self {
        let detail = "the platform is stopping; send the request again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "draining", detail).retry_after(1)
    }

    /// Routing cannot tell now, or the version is not ready.
    pub(super) fn unavailable(detail: String) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).retry_after(1)
    }

    /// The guest's answer is none that HTTP allows.
    pub(super) fn bad_answer(detail: &'static str) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, Outcome::NoAnswer.as_str(), detail)
    }

    /// The invocation gave no answer.
    pub(super) fn fault(fault: &InvokeFault) -> Self {
        let refusal = Self::new(fault.status(), fault.code(), fault.message());
        Self { retry_after_s: fault.retry_after_s(), ..refusal }
    }

    /// The stable word for programs and metrics.
    pub(super) const fn code(&self) -> &'static str {
        self.code
    }

    /// The status to answer with.
    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }

    /// The answer as `application/problem+json`.
    pub(super) fn into_response(self, invocation: InvocationId) -> Response<Bytes> {
        let problem = wire::Problem {
            kind: format!("/problems/{}", self.code),
            title: self.status.canonical_reason().unwrap_or_default().to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
            code: self.code.to_owned(),
            invocation_id: Some(invocation.to_string()),
            ..wire::Problem::default()
        };
        // A struct of strings and numbers always serialises.
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Ok(id) = HeaderValue::try_from(invocation.to_string()) {
            headers.insert(INVOCATION, id);
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(Ok(methods)) = self.allow.map(HeaderValue::try_from) {
            headers.insert(ALLOW, methods);
        }
        response
    }
}

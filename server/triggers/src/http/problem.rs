//! What the platform answers itself: one problem for each way in which a request reaches no answer.

use bytes::Bytes;
use control::{Full, InvokeFault};
use domain::{id::InvocationId, invocation::Outcome};
use http::{
    HeaderValue, Response, StatusCode,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, SEC_WEBSOCKET_VERSION, UPGRADE},
};

use super::headers;

/// A reason for which a request gets no answer from a guest.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    detail: String,
    retry_after_s: Option<u32>,
    allow: Option<String>,
    /// What would be answered: a WebSocket.
    websocket: bool,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), retry_after_s: None, allow: None, websocket: false }
    }

    const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The host is missing or malformed.
    pub(crate) fn bad_host() -> Self {
        let detail = "the request names no host, several, or one that is malformed; send one Host header";
        Self::new(StatusCode::BAD_REQUEST, "malformed-host", detail)
    }

    /// No function answers at this host and path.
    pub(crate) fn no_route(host: &str, path: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "no-route", format!("no function answers {path} at {host}"))
    }

    /// Functions answer here, but none for this method.
    pub(crate) fn method_not_allowed(methods: &[String]) -> Self {
        let allow = methods.join(", ");
        let detail = format!("no function answers this method here; use {allow}");
        let refusal = Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", detail);
        Self { allow: Some(allow), ..refusal }
    }

    /// Only WebSockets are answered here.
    pub(crate) fn websocket_required() -> Self {
        let detail = "only WebSockets are answered here; ask for one with an upgrade";
        Self { websocket: true, ..Self::new(StatusCode::UPGRADE_REQUIRED, "upgrade-required", detail) }
    }

    /// The client speaks another version of WebSockets (RFC 6455, section 4.4).
    pub(crate) fn other_websocket_version() -> Self {
        let detail = "the version of the WebSocket protocol is another one; use 13";
        Self { websocket: true, ..Self::new(StatusCode::UPGRADE_REQUIRED, "websocket-version", detail) }
    }

    /// The request for a WebSocket is malformed; how.
    pub(crate) fn bad_handshake(detail: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed-handshake", detail)
    }

    /// The page may not connect.
    pub(crate) fn foreign_origin() -> Self {
        let detail = "pages of this origin may not connect; the function's trigger names those that may";
        Self::new(StatusCode::FORBIDDEN, "foreign-origin", detail)
    }

    /// As many WebSockets are open as may be.
    pub(crate) fn too_many_connections(full: &Full) -> Self {
        let whose = if full.of_project { "the project has" } else { "there are" };
        let detail = format!("{whose} {} connections already; try again later", full.most);
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "too-many-connections", detail).retry_after(5)
    }

    /// The platform is stopping.
    pub(crate) fn draining() -> Self {
        let detail = "the platform is stopping; send the request again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "draining", detail).retry_after(1)
    }

    /// Routing cannot tell now, or the version is not ready.
    pub(crate) fn unavailable(detail: String) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).retry_after(1)
    }

    /// The guest's answer is none that HTTP allows.
    pub(crate) fn bad_answer(detail: &'static str) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, Outcome::NoAnswer.as_str(), detail)
    }

    /// The invocation gave no answer.
    pub(crate) fn fault(fault: &InvokeFault) -> Self {
        let refusal = Self::new(fault.status(), fault.code(), fault.message());
        Self { retry_after_s: fault.retry_after_s(), ..refusal }
    }

    /// The stable word for programs and metrics.
    pub(crate) const fn code(&self) -> &'static str {
        self.code
    }

    /// The status to answer with.
    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    /// The answer as `application/problem+json`.
    pub(crate) fn into_response(self, invocation: InvocationId) -> Response<Bytes> {
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
        let fields = response.headers_mut();
        fields.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(id) = headers::invocation(invocation) {
            fields.insert(headers::INVOCATION, id);
        }
        if let Some(seconds) = self.retry_after_s {
            fields.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.websocket {
            fields.insert(UPGRADE, HeaderValue::from_static("websocket"));
            fields.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        }
        if let Some(Ok(methods)) = self.allow.map(HeaderValue::try_from) {
            fields.insert(ALLOW, methods);
        }
        response
    }
}

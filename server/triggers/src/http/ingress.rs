//! One request: from its head to the answer's head.

use control::{Resolution, Routing, Target};
use domain::id::InvocationId;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version, header::CONTENT_LENGTH, request::Parts};
use hyper::body::Incoming;
use telemetry::{InvocationSpan, Metrics, Tracer};
use tokio_util::sync::CancellationToken;

use super::{answer::Answer, headers, host, problem::Refusal, upload};

/// Answers requests. One for all connections.
pub(super) struct Ingress {
    routing: Routing,
    metrics: Metrics,
    tracer: Tracer,
    draining: CancellationToken,
}

impl Ingress {
    pub(super) const fn new(routing: Routing, metrics: Metrics, tracer: Tracer, draining: CancellationToken) -> Self {
        Self { routing, metrics, tracer, draining }
    }

    /// Answers one request. Dropped before that, the invocation ends as cancelled.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<Answer> {
        let id = self.routing.next_invocation();
        let (parts, body) = request.into_parts();
        let method = parts.method.clone();
        let response = match self.resolve(&parts).await {
            Ok(target) => self.invoke(id, target, parts, body).await,
            Err(refusal) => self.refuse(id, refusal),
        };
        without_body_where_none_may_be(&method, response)
    }

    async fn resolve(&self, parts: &Parts) -> Result<Target, Refusal> {
        if self.draining.is_cancelled() {
            return Err(Refusal::draining());
        }
        let host = host::of(parts).ok_or_else(Refusal::bad_host)?;
        let path = parts.uri.path();
        match self.routing.resolve(&host, &parts.method, path, &parts.headers).await {
            Resolution::Found(target) => Ok(target),
            Resolution::NoRoute => Err(Refusal::no_route(&host, path)),
            Resolution::MethodNotAllowed(methods) => Err(Refusal::method_not_allowed(&methods)),
            Resolution::Unavailable { message } => Err(Refusal::unavailable(message)),
        }
    }

    async fn invoke(&self, id: InvocationId, target: Target, mut parts: Parts, body: Incoming) -> Response<Answer> {
        headers::towards_guest(&mut parts.headers, &target);
        let mut span = self.tracer.start_invocation(&mut parts.headers);
        if span.is_recording() {
            describe(&mut span, id, &target, &parts);
        }
        let version = HeaderValue::try_from(target.version().to_string());
        let mut response = match run(id, target, Request::from_parts(parts, body)).await {
            Ok(mut response) => {
                span.set("http.response.status_code", i64::from(response.status().as_u16()));
                if let Ok(id) = HeaderValue::try_from(id.to_string()) {
                    response.headers_mut().insert(headers::INVOCATION, id);
                }
                response.map(|body| Answer::Guest(body, span))
            }
            Err(refusal) => {
                span.set("http.response.status_code", i64::from(refusal.status().as_u16()));
                span.fail(refusal.code());
                self.refuse(id, refusal)
            }
        };
        if let Ok(version) = version {
            response.headers_mut().insert(headers::VERSION, version);
        }
        response
    }

    fn refuse(&self, id: InvocationId, refusal: Refusal) -> Response<Answer> {
        self.metrics.request_refused(refusal.code());
        refusal.into_response(id).map(|body| Answer::Platform(Some(body)))
    }
}

/// Runs the guest, unless the request says that its body is over the limit. One that does not say is
/// stopped by the runtime where it crosses the limit.
async fn run(id: InvocationId, target: Target, request: Request<Incoming>) -> Result<Response<runtime::Body>, Refusal> {
    let declared = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let max_bytes = target.limits().request_body_bytes;
    if declared.is_some_and(|length: u64| length > max_bytes) {
        return Err(Refusal::too_large(max_bytes));
    }
    let answered = target.invoke(id, request.map(upload::body)).await;
    answered.map_err(|fault| Refusal::fault(&fault)).and_then(checked)
}

/// A guest's answer, cleaned, if it is one that can be sent.
fn checked(mut response: Response<runtime::Body>) -> Result<Response<runtime::Body>, Refusal> {
    if response.status().is_informational() {
        return Err(Refusal::bad_answer("the function answered with an interim status"));
    }
    headers::towards_client(response.headers_mut()).map_err(Refusal::bad_answer)?;
    // The version is the connection's business.
    *response.version_mut() = Version::default();
    Ok(response)
}

/// Answers to HEAD and those with the status 204 or 304 have no body, whatever the guest sends
/// (RFC 9110, section 6.4.1).
fn without_body_where_none_may_be(method: &Method, mut response: Response<Answer>) -> Response<Answer> {
    let status = response.status();
    let bodiless = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if status == StatusCode::NO_CONTENT {
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    if !bodiless && method != Method::HEAD {
        return response;
    }
    response.map(|body| match body {
        Answer::Guest(body, span) => Answer::discard(body, span),
        Answer::Platform(_) | Answer::None => Answer::None,
    })
}

fn describe(span: &mut InvocationSpan, id: InvocationId, target: &Target, parts: &Parts) {
    span.set("faas.trigger", "http");
    span.set("faas.invocation_id", id.to_string());
    span.set("faas.name", target.function().to_string());
    span.set("faas.version", target.version().to_string());
    span.set("dormouse.project", target.project().to_string());
    span.set("http.request.method", parts.method.to_string());
    span.set("url.path", parts.uri.path().to_owned());
    if let Some(route) = target.route() {
        span.set("http.route", route.to_owned());
    }
}

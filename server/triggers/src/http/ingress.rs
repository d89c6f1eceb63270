//! One request: from its head to the answer's head.

use std::{net::SocketAddr, sync::Arc};

use control::{Resolution, Routing, Target};
use domain::id::InvocationId;
use http::{Method, Request, Response, Version, header::UPGRADE, request::Parts};
use hyper::body::Incoming;
use telemetry::{InvocationSpan, Metrics, Tracer};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{answer::Answer, headers, host, problem::Refusal, upload};
use crate::websocket::{self, Answered, Sockets};

/// Answers requests. One for all connections.
pub(super) struct Ingress {
    routing: Routing,
    metrics: Metrics,
    tracer: Tracer,
    sockets: Arc<Sockets>,
}

/// Where the requests of one connection come from and go to.
pub(super) struct Caller {
    pub(super) ingress: Arc<Ingress>,
    pub(super) remote: SocketAddr,
    /// Cancelled when no more requests are let in.
    pub(super) draining: CancellationToken,
}

impl Ingress {
    pub(super) const fn new(routing: Routing, metrics: Metrics, tracer: Tracer, sockets: Arc<Sockets>) -> Self {
        Self { routing, metrics, tracer, sockets }
    }

    /// Answers one request of `caller`. Dropped before that, the invocation ends as cancelled.
    pub(super) async fn answer(&self, mut request: Request<Incoming>, caller: &Caller) -> Response<Answer> {
        let id = self.routing.next_invocation();
        if request.headers().contains_key(UPGRADE)
            && websocket::is_asked_for(request.method(), request.version(), request.headers())
        {
            // It is large, and other requests need no room for it.
            match Box::pin(self.sockets.answer(id, request, caller.remote)).await {
                Answered::Response(response) => return response.map(Answer::from),
                Answered::Refused(refusal) => return self.refuse(id, &Method::GET, refusal),
                Answered::Passed(passed) => request = passed,
            }
        }
        let (parts, body) = request.into_parts();
        match self.resolve(&parts, caller).await {
            Ok(target) => self.invoke(id, target, parts, body).await,
            Err(refusal) => self.refuse(id, &parts.method, refusal),
        }
    }

    async fn resolve(&self, parts: &Parts, caller: &Caller) -> Result<Target, Refusal> {
        if caller.draining.is_cancelled() {
            return Err(Refusal::draining());
        }
        let host = host::of(parts).ok_or_else(Refusal::bad_host)?;
        let path = parts.uri.path();
        match self.routing.resolve(host, &parts.method, path, &parts.headers).await {
            Resolution::Found(target) => Ok(target),
            Resolution::NoRoute if !self.routing.has_socket(host, path) => Err(Refusal::no_route(host, path)),
            Resolution::NoRoute if parts.method == Method::GET => Err(Refusal::websocket_required()),
            Resolution::NoRoute => Err(Refusal::method_not_allowed(&["GET".to_owned()])),
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
        let version = target.version();
        let method = parts.method.clone();
        let header_bytes = target.limits().response_header_bytes;
        let deadline = Instant::now() + target.limits().timeout();
        let answered = target.invoke(id, Request::from_parts(parts, upload::body(body))).await;
        let mut response =
            match answered.map_err(|fault| Refusal::fault(&fault)).and_then(|response| checked(response, header_bytes))
            {
                Ok(response) => {
                    span.set("http.response.status_code", i64::from(response.status().as_u16()));
                    response.map(|body| Answer::guest(body, deadline, span))
                }
                Err(refusal) => {
                    span.set("http.response.status_code", i64::from(refusal.status().as_u16()));
                    span.fail(refusal.code());
                    self.refuse(id, &method, refusal)
                }
            };
        headers::tell(response.headers_mut(), id, version);
        response
    }

    fn refuse(&self, id: InvocationId, method: &Method, refusal: Refusal) -> Response<Answer> {
        self.metrics.request_refused(refusal.code());
        refusal.into_response(id).map(|body| if *method == Method::HEAD { Answer::None } else { Answer::from(body) })
    }
}

/// A guest's answer, cleaned, if it is one that can be sent.
fn checked(mut response: Response<runtime::Body>, header_bytes: u32) -> Result<Response<runtime::Body>, Refusal> {
    headers::towards_client(response.status(), response.headers_mut(), header_bytes).map_err(Refusal::bad_answer)?;
    // The version is the connection's business.
    *response.version_mut() = Version::default();
    Ok(response)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What is rare and large has a box of its own, since each request's future is moved as a whole.
    #[test]
    fn the_future_of_a_request_is_small() {
        fn bytes<'a, F: Future>(_: impl Fn(&'a Ingress, Request<Incoming>, &'a Caller) -> F) -> usize {
            size_of::<F>()
        }
        let bytes = bytes(Ingress::answer);
        assert!(bytes <= 3_584, "{bytes}");
    }
}

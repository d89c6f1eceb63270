//! A layer for the control plane: one span, one duration and one closing line for each request.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use http::{Extensions, HeaderMap, Request, Response};
use tower::{Layer, Service};
use tracing::{Instrument as _, Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::{Metrics, trace::parent};

/// Finds the pattern of the route that a request took, from what the router left in its extensions.
pub type RouteOf = fn(&Extensions) -> Option<String>;

/// Puts [`Requests`] around a service.
#[derive(Clone, Debug)]
pub struct RequestsLayer {
    metrics: Metrics,
    route: RouteOf,
}

impl RequestsLayer {
    /// A layer that records into `metrics`.
    #[must_use]
    pub const fn new(metrics: Metrics, route: RouteOf) -> Self {
        Self { metrics, route }
    }
}

impl<S> Layer<S> for RequestsLayer {
    type Service = Requests<S>;

    fn layer(&self, inner: S) -> Requests<S> {
        Requests { inner, layer: self.clone() }
    }
}

/// A service whose requests are traced, timed and logged. The request id is that of the header
/// `x-request-id`, of the answer or else of the request.
#[derive(Clone, Debug)]
pub struct Requests<S> {
    inner: S,
    layer: RequestsLayer,
}

impl<S, B, R> Service<Request<B>> for Requests<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
    S::Error: Send,
    R: Send,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let began = Instant::now();
        let method = request.method().clone();
        let route = (self.layer.route)(request.extensions()).unwrap_or_else(|| "unmatched".to_owned());
        let span = tracing::info_span!(
            "api.request.serve",
            otel.kind = "server",
            otel.name = format!("{method} {route}"),
            http.request.method = %method,
            http.route = route,
            http.response.status_code = Empty,
            otel.status_code = Empty,
            request.id = request_id(request.headers()),
        );
        // An error means that no layer exports spans.
        let _ = span.set_parent(parent(request.headers()));
        let metrics = self.layer.metrics.clone();
        let answer = {
            let _entered = span.enter();
            self.inner.call(request)
        };
        Box::pin(
            async move {
                let answer = answer.await?;
                let (status, took) = (answer.status(), began.elapsed());
                let span = Span::current();
                span.record("http.response.status_code", status.as_u16());
                if let Some(id) = request_id(answer.headers()) {
                    span.record("request.id", id);
                }
                if status.is_server_error() {
                    span.record("otel.status_code", "ERROR");
                }
                metrics.request(&method, route, status.as_u16(), took);
                let duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
                tracing::info!(http.response.status_code = status.as_u16(), duration_us, "request served");
                Ok(answer)
            }
            .instrument(span),
        )
    }
}

fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-request-id").and_then(|id| id.to_str().ok())
}

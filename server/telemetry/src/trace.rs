//! The span of one invocation, and W3C trace context in and out.
//!
//! Invocations use OpenTelemetry directly, not `tracing`: with no exporter a span costs nothing,
//! and one that is not sampled costs two small headers.

use http::{HeaderMap, HeaderValue};
use opentelemetry::{
    Context, KeyValue, Value,
    propagation::TextMapPropagator as _,
    trace::{Span as _, SpanKind, Status, TraceContextExt as _, Tracer as _},
};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::{
    propagation::TraceContextPropagator,
    trace::{SdkTracer, Span},
};

/// What vendors add to a trace's context; the propagator writes it even where they add nothing.
const TRACESTATE: &str = "tracestate";

/// Opens the spans of invocations.
#[derive(Clone, Debug)]
pub struct Tracer(Option<SdkTracer>);

impl Tracer {
    /// One that opens nothing and leaves headers as they are.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    pub(crate) const fn on(tracer: SdkTracer) -> Self {
        Self(Some(tracer))
    }

    /// Opens a span below the one that `headers` name, and puts it into them for the guest.
    ///
    /// Where tracing is off the caller's `traceparent` goes on to the guest unchanged.
    #[must_use]
    pub fn start_invocation(&self, headers: &mut HeaderMap) -> InvocationSpan {
        let Some(tracer) = &self.0 else { return InvocationSpan(None) };
        let propagator = TraceContextPropagator::new();
        let parent = propagator.extract_with_context(&Context::new(), &HeaderExtractor(headers));
        let builder = tracer.span_builder("triggers.invocation.run").with_kind(SpanKind::Server);
        let span = tracer.build_with_context(builder, &parent);
        let current = Context::new().with_remote_span_context(span.span_context().clone());
        propagator.inject_context(&current, &mut HeaderInjector(headers));
        if headers.get(TRACESTATE).is_some_and(HeaderValue::is_empty) {
            headers.remove(TRACESTATE);
        }
        InvocationSpan(Some(Box::new(span)).filter(|span| span.is_recording()))
    }
}

/// The span of one invocation; it ends when it is dropped. Free unless it is sampled.
#[derive(Debug)]
pub struct InvocationSpan(Option<Box<Span>>);

impl InvocationSpan {
    /// Whether attributes are worth computing.
    #[must_use]
    pub const fn is_recording(&self) -> bool {
        self.0.is_some()
    }

    /// Sets one attribute, such as `faas.invocation_id`.
    pub fn set(&mut self, key: &'static str, value: impl Into<Value>) {
        if let Some(span) = &mut self.0 {
            span.set_attribute(KeyValue::new(key, value));
        }
    }

    /// Marks the invocation as failed, for the reason given.
    pub fn fail(&mut self, reason: &str) {
        if let Some(span) = &mut self.0 {
            span.set_status(Status::error(reason.to_owned()));
        }
    }
}

/// The context that `headers` name, for a span of `tracing` to be put below.
pub(crate) fn parent(headers: &HeaderMap) -> Context {
    TraceContextPropagator::new().extract_with_context(&Context::new(), &HeaderExtractor(headers))
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};

    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn headers() -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static("traceparent"), PARENT.parse().unwrap())])
    }

    #[test]
    fn without_tracing_the_callers_context_goes_on_unchanged() {
        let mut given = headers();
        assert!(!Tracer::off().start_invocation(&mut given).is_recording());
        assert_eq!(given, headers());
    }

    #[test]
    fn the_guest_sees_the_callers_trace_and_our_span() {
        let provider = SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOn).build();
        let mut given = headers();
        let _span = Tracer::on(provider.tracer("t")).start_invocation(&mut given);
        let sent = given["traceparent"].to_str().unwrap();
        assert_eq!(given.len(), 1);
        assert!(sent.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && sent != PARENT, "{sent}");
    }

    #[test]
    fn a_request_without_context_begins_a_trace() {
        let provider = SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOff).build();
        let mut given = HeaderMap::new();
        let span = Tracer::on(provider.tracer("t")).start_invocation(&mut given);
        assert!(!span.is_recording() && given["traceparent"].to_str().unwrap().ends_with("-00"));
    }
}

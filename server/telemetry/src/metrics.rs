//! The platform's instruments, and their text for `/metrics`.
//!
//! One handle, cheap to clone. What is recorded for every invocation is bound to its attributes
//! beforehand ([`Recorder`]), so that a record is some atomic additions and no allocation.

use std::{fmt, sync::Arc, time::Duration};

use opentelemetry::{
    KeyValue,
    metrics::{BoundUpDownCounter, Counter, Histogram, Meter, MeterProvider as _, UpDownCounter},
};
use opentelemetry_otlp::MetricExporter;
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    metrics::{Instrument, PeriodicReader, SdkMeterProvider, Stream},
};

use crate::Error;

pub mod names;
mod process;
mod queue;
mod recorder;
mod socket;

pub use queue::{QueueLabels, QueueLevel};
pub use recorder::{Active, Recorder};
pub use socket::OpenSocket;

/// Series that one instrument may have. The SDK's default of 2,000 is few for a counter for each version.
const MAX_SERIES: usize = 20_000;

/// Bounds of the buckets for durations in seconds: from what an instance costs to the longest deadline.
const SECONDS: &[f64] =
    &[0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

/// Bounds of the buckets for bytes: 1 KiB to 4 GiB.
const BYTES: &[f64] = &[
    1_024.0,
    16_384.0,
    131_072.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
    134_217_728.0,
    536_870_912.0,
    4_294_967_296.0,
];

/// The platform's instruments.
#[derive(Clone)]
pub struct Metrics(Arc<Instruments>);

struct Instruments {
    provider: SdkMeterProvider,
    registry: prometheus::Registry,
    invocations: Counter<u64>,
    errors: Counter<u64>,
    timeouts: Counter<u64>,
    cancelled: Counter<u64>,
    active: UpDownCounter<i64>,
    invoke_duration: Histogram<f64>,
    init_duration: Histogram<f64>,
    cpu_usage: Histogram<f64>,
    memory_usage: Histogram<u64>,
    network: Histogram<u64>,
    loaded: UpDownCounter<i64>,
    loaded_bytes: UpDownCounter<i64>,
    evicted: Counter<u64>,
    connections: BoundUpDownCounter<i64>,
    refused: Counter<u64>,
    request_duration: Histogram<f64>,
    versions: Counter<u64>,
    prepare_duration: Histogram<f64>,
    deployments: Counter<u64>,
    queues: queue::Instruments,
    sockets: socket::Instruments,
}

impl Metrics {
    /// Builds all instruments, to be read by `/metrics` and by `reader` where there is one.
    pub(crate) fn start(resource: Resource, reader: Option<PeriodicReader<MetricExporter>>) -> Result<Self, Error> {
        let registry = prometheus::Registry::new();
        let exporter = opentelemetry_prometheus::exporter().with_registry(registry.clone());
        let prometheus = exporter.scope_info_enabled(false).build()?;
        let wide = |_: &Instrument| Stream::builder().with_cardinality_limit(MAX_SERIES).build().ok();
        let builder = SdkMeterProvider::builder().with_resource(resource).with_reader(prometheus).with_view(wide);
        let provider = match reader {
            Some(reader) => builder.with_reader(reader).build(),
            None => builder.build(),
        };
        Ok(Self(Arc::new(Instruments::new(provider, registry))))
    }

    /// Instruments that stand alone: read by [`Self::render`], exported nowhere. For tests and tools.
    ///
    /// # Errors
    ///
    /// [`Error::Prometheus`].
    pub fn detached() -> Result<Self, Error> {
        Self::start(Resource::builder_empty().build(), None)
    }

    /// All values as Prometheus' text format, version 0.0.4.
    #[must_use]
    pub fn render(&self) -> String {
        prometheus::TextEncoder::new().encode_to_string(&self.0.registry.gather()).unwrap_or_default()
    }

    /// What records the invocations of one version of a function. `trigger` is one of the
    /// names that OpenTelemetry gives to `faas.trigger`: `http`, `pubsub`, `timer` or `other`.
    #[must_use]
    pub fn recorder(
        &self,
        project: &str,
        function: &str,
        version: domain::VersionNumber,
        trigger: &'static str,
    ) -> Recorder {
        Recorder::bind(&self.0, project, function, version, trigger)
    }

    /// Counts a version that was loaded, with an artifact of so many bytes.
    pub fn loaded(&self, bytes: u64) {
        self.0.loaded.add(1, &[]);
        self.0.loaded_bytes.add(i64::try_from(bytes).unwrap_or(i64::MAX), &[]);
    }

    /// Takes back one [`Self::loaded`].
    pub fn unloaded(&self, bytes: u64) {
        self.0.loaded.add(-1, &[]);
        self.0.loaded_bytes.add(-i64::try_from(bytes).unwrap_or(i64::MAX), &[]);
    }

    /// Counts a version that was unloaded to make room.
    pub fn evicted(&self) {
        self.0.evicted.add(1, &[]);
    }

    /// Counts a connection to the data plane for as long as the answer lives.
    #[must_use]
    pub fn connection(&self) -> Connection {
        self.0.connections.add(1);
        Connection(self.0.connections.clone())
    }

    /// Counts a request to the data plane that the platform answered itself; `reason` is the problem's code.
    pub fn request_refused(&self, reason: &'static str) {
        self.0.refused.add(1, &[KeyValue::new(names::REASON, reason)]);
    }

    /// Counts a version whose preparation ended.
    pub fn version_prepared(&self, state: domain::VersionState, took: Duration) {
        let attributes = [KeyValue::new(names::STATE, state.as_str())];
        self.0.versions.add(1, &attributes);
        self.0.prepare_duration.record(took.as_secs_f64(), &attributes);
    }

    /// Counts a deployment that went live.
    pub fn deployed(&self, rollback: bool) {
        let kind = if rollback { "rollback" } else { "deploy" };
        self.0.deployments.add(1, &[KeyValue::new(names::CHANGE, kind)]);
    }

    /// Records a request to the control plane. `route` is a pattern, never a path.
    pub(crate) fn request(&self, method: &http::Method, route: String, status: u16, took: Duration) {
        let attributes = [
            KeyValue::new(names::METHOD, known(method)),
            KeyValue::new(names::ROUTE, route),
            KeyValue::new(names::STATUS, i64::from(status)),
        ];
        self.0.request_duration.record(took.as_secs_f64(), &attributes);
    }

    /// Sends what a periodic reader has not sent yet.
    pub(crate) fn shut_down(&self) -> OTelSdkResult {
        self.0.provider.shutdown()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

/// One open connection to the data plane.
#[derive(Debug)]
pub struct Connection(BoundUpDownCounter<i64>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.add(-1);
    }
}

/// The method if HTTP defines it, else `_OTHER` (as the conventions say): clients make methods up.
fn known(method: &http::Method) -> &'static str {
    const KNOWN: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
    KNOWN.into_iter().find(|name| *name == method.as_str()).unwrap_or("_OTHER")
}

impl Instruments {
    fn new(provider: SdkMeterProvider, registry: prometheus::Registry) -> Self {
        let meter = provider.meter("dormouse");
        process::observe(&meter);
        Self {
            registry,
            invocations: counter(&meter, names::INVOCATIONS),
            errors: counter(&meter, names::ERRORS),
            timeouts: counter(&meter, names::TIMEOUTS),
            cancelled: counter(&meter, names::CANCELLED),
            active: up_down(&meter, names::ACTIVE),
            invoke_duration: seconds(&meter, names::INVOKE_DURATION),
            init_duration: seconds(&meter, names::INIT_DURATION),
            cpu_usage: seconds(&meter, names::CPU_USAGE),
            memory_usage: bytes(&meter, names::MEMORY_USAGE),
            network: bytes(&meter, names::NETWORK),
            loaded: up_down(&meter, names::LOADED),
            loaded_bytes: up_down(&meter, names::LOADED_BYTES),
            evicted: counter(&meter, names::EVICTED),
            connections: up_down(&meter, names::CONNECTIONS).bind(&[]),
            refused: counter(&meter, names::REFUSED),
            request_duration: seconds(&meter, names::REQUEST_DURATION),
            versions: counter(&meter, names::VERSIONS),
            prepare_duration: seconds(&meter, names::PREPARE_DURATION),
            deployments: counter(&meter, names::DEPLOYMENTS),
            queues: queue::Instruments::new(&meter),
            sockets: socket::Instruments::new(&meter),
            provider,
        }
    }
}

fn counter(meter: &Meter, metric: names::Metric) -> Counter<u64> {
    meter.u64_counter(metric.name).with_unit(metric.unit).with_description(metric.description).build()
}

fn up_down(meter: &Meter, metric: names::Metric) -> UpDownCounter<i64> {
    meter.i64_up_down_counter(metric.name).with_unit(metric.unit).with_description(metric.description).build()
}

fn seconds(meter: &Meter, metric: names::Metric) -> Histogram<f64> {
    let builder = meter.f64_histogram(metric.name).with_unit(metric.unit).with_description(metric.description);
    builder.with_boundaries(SECONDS.to_vec()).build()
}

fn bytes(meter: &Meter, metric: names::Metric) -> Histogram<u64> {
    let builder = meter.u64_histogram(metric.name).with_unit(metric.unit).with_description(metric.description);
    builder.with_boundaries(BYTES.to_vec()).build()
}

#[cfg(test)]
mod tests {
    use domain::{
        VersionNumber,
        invocation::{Outcome, Usage},
    };

    use super::*;

    #[test]
    fn each_invocation_counts_once_under_what_became_of_it() {
        let metrics = Metrics::detached().unwrap();
        let recorder = metrics.recorder("demo", "hello", VersionNumber(7), "http");
        for outcome in [Outcome::Ok, Outcome::Ok, Outcome::Trapped, Outcome::TimedOut, Outcome::Cancelled] {
            recorder.begin().end(outcome, &Usage { wall_us: 1_000, ..Usage::default() });
        }
        let text = metrics.render();
        for (name, value) in [
            ("faas_invocations_total", " 2"),
            ("faas_errors_total", " 1"),
            ("faas_timeouts_total", " 1"),
            ("dormouse_invocations_cancelled_total", " 1"),
            ("dormouse_invocations_active", " 0"),
            ("faas_invoke_duration_seconds_count", " 5"),
        ] {
            let line = text.lines().find(|line| line.starts_with(name)).unwrap_or(name);
            assert!(line.ends_with(value) && line.contains("faas_name=\"hello\""), "{line}");
        }
        assert!(text.contains("dormouse_outcome=\"trapped\"") && text.contains("faas_version=\"v7\""));
    }

    #[test]
    fn an_invocation_that_is_dropped_is_active_no_more() {
        let metrics = Metrics::detached().unwrap();
        let recorder = metrics.recorder("demo", "hello", VersionNumber(1), "http");
        let active = recorder.begin();
        let now =
            || metrics.render().lines().find(|line| line.starts_with("dormouse_invocations_active")).map(str::to_owned);
        assert!(now().is_some_and(|line| line.ends_with(" 1")));
        drop(active);
        assert!(now().is_some_and(|line| line.ends_with(" 0")));
    }
}

//! Sends traces, metrics and logs by OTLP over HTTP, apart from the threads that serve requests.

use std::time::Duration;

use bytes::Bytes;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{LogExporter, MetricExporter, SpanExporter, WithHttpConfig};
use opentelemetry_sdk::{Resource, logs::SdkLoggerProvider, metrics::PeriodicReader, trace::SdkTracerProvider};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::Error;

/// The time for one export when `OTEL_EXPORTER_OTLP_TIMEOUT` does not say (the OTLP specification's default).
const TIMEOUT: Duration = Duration::from_secs(10);

/// Exports, on one thread of their own.
#[derive(Debug)]
pub(crate) struct Exports {
    thread: Runtime,
    client: Courier,
}

/// Carries the exports of the SDK's threads, which have no async runtime, over to one that has.
#[derive(Clone, Debug)]
struct Courier {
    client: reqwest::Client,
    runtime: Handle,
}

#[async_trait::async_trait]
impl HttpClient for Courier {
    async fn send_bytes(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, HttpError> {
        let client = self.client.clone();
        self.runtime.spawn(async move { client.send_bytes(request).await }).await?
    }
}

impl Exports {
    /// Starts the thread and builds the client.
    ///
    /// # Errors
    ///
    /// [`Error::Thread`] and [`Error::Client`].
    pub(crate) fn start() -> Result<Self, Error> {
        let thread = Builder::new_multi_thread().worker_threads(1).thread_name("otlp").enable_all().build()?;
        let timeout = std::env::var("OTEL_EXPORTER_OTLP_TIMEOUT").ok().and_then(|text| text.parse().ok());
        let client = reqwest::Client::builder().timeout(timeout.map_or(TIMEOUT, Duration::from_millis)).build()?;
        let client = Courier { client, runtime: thread.handle().clone() };
        Ok(Self { thread, client })
    }

    /// A provider of tracers whose spans leave in batches. The sampler is `OTEL_TRACES_SAMPLER`'s.
    pub(crate) fn traces(&self, resource: Resource) -> Result<SdkTracerProvider, Error> {
        let exporter = SpanExporter::builder().with_http().with_http_client(self.client.clone()).build()?;
        Ok(SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build())
    }

    /// A reader that sends all metrics at the pace of `OTEL_METRIC_EXPORT_INTERVAL`.
    pub(crate) fn metrics(&self) -> Result<PeriodicReader<MetricExporter>, Error> {
        let exporter = MetricExporter::builder().with_http().with_http_client(self.client.clone()).build()?;
        Ok(PeriodicReader::builder(exporter).build())
    }

    /// A provider of loggers whose records leave in batches.
    pub(crate) fn logs(&self, resource: Resource) -> Result<SdkLoggerProvider, Error> {
        let exporter = LogExporter::builder().with_http().with_http_client(self.client.clone()).build()?;
        Ok(SdkLoggerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build())
    }

    /// Stops the thread without waiting: what was to be sent was sent when the providers were shut down.
    pub(crate) fn stop(self) {
        self.thread.shutdown_background();
    }
}

//! Logs, traces and metrics: set up once at start, handed on as values.
//!
//! Owns the subscriber, the OpenTelemetry exporters, the names of all metrics and W3C trace context.
//! It must not know HTTP routes, storage or guests; others call it, it calls nobody.

mod config;
mod export;
mod init;
pub mod metrics;
mod requests;
mod trace;

pub use config::{LogFormat, TelemetryConfig};
pub use init::{Guard, init};
pub use metrics::{Metrics, OpenSocket, QueueLabels, QueueLevel};
pub use requests::{Requests, RequestsLayer, RouteOf};
pub use trace::{InvocationSpan, Tracer};

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log filter has a directive that cannot be read.
    #[error("the log filter {filter:?} is not valid")]
    Filter {
        /// The whole filter.
        filter: String,
        /// What is wrong with it.
        source: tracing_subscriber::filter::ParseError,
    },
    /// A subscriber is installed already.
    #[error("logging is set up already")]
    Installed(#[from] tracing_subscriber::util::TryInitError),
    /// An exporter's settings (`OTEL_EXPORTER_OTLP_…`) are wrong.
    #[error("the OTLP exporter's settings are wrong")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
    /// The client that sends exports cannot be built.
    #[error("the client for OTLP cannot be built")]
    Client(#[from] reqwest::Error),
    /// The registry behind `/metrics` cannot be built.
    #[error("the Prometheus registry cannot be built")]
    Prometheus(#[from] opentelemetry_sdk::error::OTelSdkError),
    /// The machine gave no thread for exports.
    #[error("the exporter's thread cannot be started")]
    Thread(#[from] std::io::Error),
}

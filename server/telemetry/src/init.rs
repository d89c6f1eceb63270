//! Builds the subscriber and the providers from the configuration, and takes them down again.

use std::io::IsTerminal as _;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::{logs::SdkLoggerProvider, trace::SdkTracerProvider};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{EnvFilter, Layer, filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{
    Error, LogFormat, Metrics, TelemetryConfig, Tracer,
    config::{Signals, resource},
    export::Exports,
};

/// Our own crates: their spans become traces, their lines leave by OTLP. What libraries say stays here,
/// else an export would cause lines that cause exports.
const OURS: [&str; 8] = ["dormouse", "api", "control", "runtime", "store", "telemetry", "triggers", "cli"];

/// Keeps telemetry alive. Call [`Self::shut_down`] as the last thing, so that nothing is lost.
#[derive(Debug)]
pub struct Guard {
    metrics: Metrics,
    tracer: Tracer,
    traces: Option<SdkTracerProvider>,
    logs: Option<SdkLoggerProvider>,
    exports: Option<Exports>,
}

impl Guard {
    /// The platform's instruments.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }

    /// What opens the spans of invocations.
    #[must_use]
    pub fn tracer(&self) -> Tracer {
        self.tracer.clone()
    }

    /// Sends what is left and stops. Blocks for at most some seconds per signal.
    pub fn shut_down(self) {
        let traces = self.traces.map(|traces| traces.shutdown());
        let logs = self.logs.map(|logs| logs.shutdown());
        for ended in [traces, logs, Some(self.metrics.shut_down())].into_iter().flatten() {
            if let Err(error) = ended {
                tracing::warn!(%error, "telemetry was not sent to its end");
            }
        }
        if let Some(exports) = self.exports {
            exports.stop();
        }
    }
}

/// Sets up logs on standard error, metrics, and OTLP where the `OTEL_*` variables ask for it.
///
/// A process-wide crypto provider of rustls must be installed before, for OTLP over https.
///
/// # Errors
///
/// [`Error`]: a filter or a variable that cannot be read, or a second call.
pub fn init(config: &TelemetryConfig) -> Result<Guard, Error> {
    let signals = Signals::read(|name| std::env::var(name).ok());
    let resource = resource(config.version);
    let exports = if signals.any() { Some(Exports::start()?) } else { None };
    let on = |signal: bool| exports.as_ref().filter(|_| signal);
    let traces = on(signals.traces).map(|exports| exports.traces(resource.clone())).transpose()?;
    let logs = on(signals.logs).map(|exports| exports.logs(resource.clone())).transpose()?;
    let reader = on(signals.metrics).map(Exports::metrics).transpose()?;
    let metrics = Metrics::start(resource, reader)?;

    let filter = EnvFilter::builder()
        .parse(format!("{QUIET},{}", config.filter))
        .map_err(|source| Error::Filter { filter: config.filter.clone(), source })?;
    let ours = || Targets::new().with_targets(OURS.map(|name| (name, LevelFilter::INFO)));
    let spans = traces
        .as_ref()
        .map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("dormouse")).with_filter(ours()));
    let records = logs.as_ref().map(|provider| OpenTelemetryTracingBridge::new(provider).with_filter(ours()));
    tracing_subscriber::registry().with(lines(config.format, filter)).with(spans).with(records).try_init()?;

    let tracer = traces.as_ref().map_or_else(Tracer::off, |provider| Tracer::on(provider.tracer("dormouse")));
    Ok(Guard { metrics, tracer, traces, logs, exports })
}

/// Logs what goes wrong between a guest and the host that it calls, line by line: the guest's affair, and as many
/// lines as it likes.
const QUIET: &str = "wasmtime_wasi_http=error";

/// The layer that writes lines to standard error, which data and links on standard output stay apart from.
fn lines<S>(format: LogFormat, filter: EnvFilter) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'span> tracing_subscriber::registry::LookupSpan<'span>,
{
    let terminal = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    match format {
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).with_filter(filter).boxed(),
        LogFormat::Auto if !terminal => {
            lines.json().flatten_event(true).with_span_list(false).with_filter(filter).boxed()
        }
        LogFormat::Human | LogFormat::Auto => {
            let colours = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
            lines.with_ansi(colours).with_filter(filter).boxed()
        }
    }
}

//! What telemetry is told: by the platform's own configuration, and by the standard `OTEL_*` variables.

use std::{fmt, str::FromStr};

use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::Resource;

/// What the platform's configuration decides. All of OTLP is decided by the standard `OTEL_*` variables.
#[derive(Clone, Debug)]
pub struct TelemetryConfig {
    /// How log lines look.
    pub format: LogFormat,
    /// Which lines are logged: directives in the manner of `RUST_LOG`, such as `info,runtime=debug`.
    pub filter: String,
    /// The platform's version, for `service.version`.
    pub version: &'static str,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people on a terminal, else JSON.
    #[default]
    Auto,
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    /// The name as the configuration spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Human => "human",
            Self::Json => "json",
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for LogFormat {
    type Err = domain::Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Auto, Self::Human, Self::Json]
            .into_iter()
            .find(|format| format.as_str() == text)
            .ok_or_else(|| domain::Invalid::new("log_format", format!("is {text:?}; use auto, human or json")))
    }
}

/// Which signals leave by OTLP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Signals {
    pub(crate) traces: bool,
    pub(crate) metrics: bool,
    pub(crate) logs: bool,
}

impl Signals {
    /// Reads the choice from the standard variables.
    ///
    /// A signal is on when it has an endpoint (its own or the common one) or when its exporter is
    /// named `otlp`; the exporter `none` and `OTEL_SDK_DISABLED=true` switch off.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let disabled = set("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let on = |signal: &str| {
            let endpoint = || {
                let own = format!("OTEL_EXPORTER_OTLP_{signal}_ENDPOINT");
                set("OTEL_EXPORTER_OTLP_ENDPOINT").or_else(|| set(&own)).is_some()
            };
            !disabled && set(&format!("OTEL_{signal}_EXPORTER")).map_or_else(endpoint, |exporter| exporter == "otlp")
        };
        Self { traces: on("TRACES"), metrics: on("METRICS"), logs: on("LOGS") }
    }

    pub(crate) const fn any(self) -> bool {
        self.traces || self.metrics || self.logs
    }
}

/// Who speaks: `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`, else the service `dormouse`.
pub(crate) fn resource(version: &'static str) -> Resource {
    let given = Resource::builder().build();
    let missing = |name: &'static str| given.get_ref(&Key::from_static_str(name)).is_none();
    // The SDK invents a name where none is given.
    let unnamed = given
        .get(&Key::from_static_str("service.name"))
        .is_none_or(|name| name.as_str().starts_with("unknown_service"));
    let mut builder = Resource::builder();
    if unnamed {
        builder = builder.with_service_name("dormouse");
    }
    if missing("service.version") {
        builder = builder.with_attribute(KeyValue::new("service.version", version));
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signals(variables: &[(&str, &str)]) -> (bool, bool, bool) {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let Signals { traces, metrics, logs } = Signals::read(find);
        (traces, metrics, logs)
    }

    #[test]
    fn nothing_leaves_unless_an_endpoint_or_an_exporter_is_named() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318");
        assert_eq!(signals(&[]), (false, false, false));
        assert_eq!(signals(&[endpoint]), (true, true, true));
        assert_eq!(signals(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://x/v1/traces")]), (true, false, false));
        assert_eq!(signals(&[endpoint, ("OTEL_METRICS_EXPORTER", "none")]), (true, false, true));
        assert_eq!(signals(&[("OTEL_LOGS_EXPORTER", "otlp")]), (false, false, true));
        assert_eq!(signals(&[endpoint, ("OTEL_SDK_DISABLED", "true")]), (false, false, false));
        assert_eq!(signals(&[("OTEL_EXPORTER_OTLP_ENDPOINT", " ")]), (false, false, false));
    }
}

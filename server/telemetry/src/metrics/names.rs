//! The names of all metrics: one table that the instruments are built from and that reviewers read.
//!
//! `faas.*`, `http.*` and `process.*` follow the semantic conventions of OpenTelemetry 1.37; what they
//! do not name is `dormouse.*`. Prometheus spells them with underscores, the unit and `_total`.

use std::fmt;

/// How values of a metric add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    UpDownCounter,
    /// The distribution of values.
    Histogram,
}

/// One metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// The name, dots between its parts.
    pub name: &'static str,
    /// How values add up.
    pub kind: Kind,
    /// The unit by UCUM; braces mark a count of things.
    pub unit: &'static str,
    /// What it says, in one sentence.
    pub description: &'static str,
    /// The attributes of each value.
    pub attributes: &'static [&'static str],
}

macro_rules! metrics {
    ($($name:ident = $text:literal, $kind:ident, $unit:literal, [$($attribute:ident),*], $description:literal;)*) => {
        $(
            #[doc = $description]
            pub const $name: Metric = Metric {
                name: $text,
                kind: Kind::$kind,
                unit: $unit,
                description: $description,
                attributes: &[$($attribute),*],
            };
        )*
        /// All metrics, in the order of their subjects.
        pub const ALL: &[Metric] = &[$($name),*];
    };
}

/// The project's name.
pub const PROJECT: &str = "dormouse.project";
/// The function's name.
pub const FUNCTION: &str = "faas.name";
/// The version, such as `v7`.
pub const VERSION: &str = "faas.version";
/// What caused the invocation: `http`, or `other` for a test call through the API.
pub const TRIGGER: &str = "faas.trigger";
/// How an invocation ended.
pub const OUTCOME: &str = "dormouse.outcome";
/// The queue's name.
pub const QUEUE: &str = "messaging.destination.name";
/// `receive` or `transmit`.
pub const DIRECTION: &str = "network.io.direction";
/// Why a request reached no function, or a WebSocket was closed.
pub const REASON: &str = "dormouse.reason";
/// `ready` or `failed`.
pub const STATE: &str = "dormouse.version.state";
/// `deploy` or `rollback`.
pub const CHANGE: &str = "dormouse.deployment.kind";
/// The request's method.
pub const METHOD: &str = "http.request.method";
/// The route's pattern.
pub const ROUTE: &str = "http.route";
/// The answer's status.
pub const STATUS: &str = "http.response.status_code";

metrics! {
    INVOCATIONS = "faas.invocations", Counter, "{invocation}", [PROJECT, FUNCTION, VERSION, TRIGGER],
        "Invocations that the function answered.";
    ERRORS = "faas.errors", Counter, "{error}", [PROJECT, FUNCTION, VERSION, TRIGGER, OUTCOME],
        "Invocations that failed, but for timeouts.";
    TIMEOUTS = "faas.timeouts", Counter, "{timeout}", [PROJECT, FUNCTION, VERSION, TRIGGER],
        "Invocations that passed their wall deadline.";
    CANCELLED = "dormouse.invocations.cancelled", Counter, "{invocation}", [PROJECT, FUNCTION, VERSION, TRIGGER],
        "Invocations whose caller went away.";
    ACTIVE = "dormouse.invocations.active", UpDownCounter, "{invocation}", [PROJECT, FUNCTION],
        "Invocations that run now.";
    INVOKE_DURATION = "faas.invoke_duration", Histogram, "s", [PROJECT, FUNCTION, TRIGGER],
        "Wall time of invocations, from the request's head to the answer's end.";
    INIT_DURATION = "faas.init_duration", Histogram, "s", [PROJECT, FUNCTION, TRIGGER],
        "Time of making instances.";
    CPU_USAGE = "faas.cpu_usage", Histogram, "s", [PROJECT, FUNCTION, TRIGGER],
        "CPU time of invocations.";
    MEMORY_USAGE = "faas.mem_usage", Histogram, "By", [PROJECT, FUNCTION, TRIGGER],
        "The most memory that invocations held.";
    NETWORK = "faas.net_io", Histogram, "By", [PROJECT, FUNCTION, TRIGGER, DIRECTION],
        "Bytes of bodies of requests and answers.";
    LOADED = "dormouse.functions.loaded", UpDownCounter, "{function}", [],
        "Versions of functions that are loaded now.";
    LOADED_BYTES = "dormouse.functions.loaded_size", UpDownCounter, "By", [],
        "Artifacts of the versions that are loaded now.";
    EVICTED = "dormouse.functions.evicted", Counter, "{function}", [],
        "Versions that were unloaded to make room for others.";
    CONNECTIONS = "dormouse.connections.active", UpDownCounter, "{connection}", [],
        "Connections to the data plane that are open now.";
    REFUSED = "dormouse.requests.refused", Counter, "{request}", [REASON],
        "Requests to the data plane that the platform answered itself.";
    WEBSOCKETS = "dormouse.websockets.open", UpDownCounter, "{connection}", [PROJECT, FUNCTION, VERSION],
        "WebSockets that are open now, by the version that handles their messages.";
    WEBSOCKETS_CLOSED = "dormouse.websockets.closed", Counter, "{connection}", [PROJECT, FUNCTION, REASON],
        "WebSockets that were closed, by what closed them.";
    WEBSOCKET_MESSAGES = "dormouse.websocket.messages", Counter, "{message}", [PROJECT, FUNCTION, DIRECTION],
        "Messages over WebSockets.";
    WEBSOCKET_IO = "dormouse.websocket.io", Counter, "By", [PROJECT, FUNCTION, DIRECTION],
        "Bytes of messages over WebSockets.";
    REQUEST_DURATION = "http.server.request.duration", Histogram, "s", [METHOD, ROUTE, STATUS],
        "Time of requests to the control plane.";
    VERSIONS = "dormouse.versions.prepared", Counter, "{version}", [STATE],
        "Versions whose preparation ended.";
    PREPARE_DURATION = "dormouse.version.prepare_duration", Histogram, "s", [STATE],
        "Time from an upload's end to the version's verdict.";
    DEPLOYMENTS = "dormouse.deployments", Counter, "{deployment}", [CHANGE],
        "Deployments that went live.";
    QUEUE_SENT = "dormouse.queue.sent", Counter, "{message}", [PROJECT, QUEUE],
        "Messages that were sent to queues.";
    QUEUE_CLAIMED = "dormouse.queue.claimed", Counter, "{message}", [PROJECT, QUEUE],
        "Messages that were handed out, each time counted.";
    QUEUE_ACKNOWLEDGED = "dormouse.queue.acknowledged", Counter, "{message}", [PROJECT, QUEUE],
        "Messages that a consumer was done with.";
    QUEUE_RETRIED = "dormouse.queue.retried", Counter, "{message}", [PROJECT, QUEUE],
        "Attempts after which a message is handed out again.";
    QUEUE_STALE = "dormouse.queue.stale", Counter, "{message}", [PROJECT, QUEUE],
        "Settlements that were refused because the lease had ended.";
    QUEUE_DEAD = "dormouse.queue.dead", Counter, "{message}", [PROJECT, QUEUE],
        "Messages that moved to a dead-letter queue.";
    QUEUE_DEPTH = "dormouse.queue.depth", UpDownCounter, "{message}", [PROJECT, QUEUE],
        "Messages that queues hold, as of the last count.";
    QUEUE_OLDEST = "dormouse.queue.oldest_age", UpDownCounter, "s", [PROJECT, QUEUE],
        "How long ago the message came that is in the queue longest, as of the last count.";
    PROCESS_CPU = "process.cpu.time", Counter, "s", [],
        "CPU time of the server.";
    PROCESS_MEMORY = "process.memory.usage", UpDownCounter, "By", [],
        "Resident memory of the server.";
}

impl fmt::Display for Metric {
    /// One line of the golden file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, kind, unit, description, attributes } = self;
        write!(f, "{name}  {kind:?}  {unit}  [{}]  {description}", attributes.join(", "))
    }
}

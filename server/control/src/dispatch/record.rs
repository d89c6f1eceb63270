//! What is recorded of each invocation: metrics, and a closing line.

use std::sync::Arc;

use domain::{id::InvocationId, invocation::Outcome};
use runtime::Report;
use telemetry::metrics::Active;

use super::runnable::Runnable;

/// What brought an invocation about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A request to the data plane.
    Http,
    /// A call through the API, to try the function.
    Test,
    /// Messages of a queue.
    Queue,
    /// A slot of a schedule.
    Cron,
    /// What happened on a WebSocket.
    WebSocket,
    /// A call by name: of another function, or an asynchronous one.
    Call,
}

impl Cause {
    /// The word in log lines.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Test => "test",
            Self::Queue => "queue",
            Self::Cron => "cron",
            Self::WebSocket => "websocket",
            Self::Call => "call",
        }
    }
}

/// An invocation that runs and will be recorded.
pub(super) struct Record {
    id: InvocationId,
    cause: Cause,
    runnable: Arc<Runnable>,
    active: Active,
}

impl Record {
    /// Counts an invocation that begins.
    pub(super) fn begin(id: InvocationId, cause: Cause, runnable: Arc<Runnable>) -> Self {
        Self { id, cause, active: runnable.recorder(cause).begin(), runnable }
    }

    /// Records how it ended: every failure has its line, successes have them at a rate for each function.
    pub(super) fn end(self, report: &Report) {
        let Self { id, cause, runnable, active } = self;
        active.end(report.outcome, &report.usage);
        let held_back = match report.outcome {
            Outcome::Ok => runnable.home.lines.line(),
            _ => Some(0),
        };
        let Some(lines_held_back) = held_back else { return };
        tracing::info!(
            invocation.id = %id,
            project.name = %runnable.home.project.name,
            function.name = %runnable.home.name,
            version = %runnable.number,
            trigger = cause.as_str(),
            outcome = report.outcome.as_str(),
            error = report.error.as_deref(),
            wall_us = report.usage.wall_us,
            cpu_us = report.usage.cpu_us,
            memory_peak_bytes = report.usage.memory_peak_bytes,
            lines_held_back,
            "invocation ended",
        );
    }
}

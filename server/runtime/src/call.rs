//! One invocation as its caller sees it: what goes in, and what comes out besides the answer.

use std::fmt;

use domain::{
    id::InvocationId,
    invocation::{LogLine, Outcome, Usage},
};

/// What hears an invocation's report.
pub type OnEnd = Box<dyn FnOnce(Report) + Send>;

/// One invocation, apart from its request.
pub struct Call {
    /// Its id, for log lines and spans.
    pub id: InvocationId,
    /// Called exactly once, after the guest is gone and the answer's body has ended, was dropped, or was
    /// given out whole. It must not block.
    pub on_end: OnEnd,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("id", &self.id).finish_non_exhaustive()
    }
}

/// How one invocation ended, what it used and what it wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// What went wrong, in one sentence for the function's owner; `None` if nothing did.
    pub error: Option<String>,
    /// What it used.
    pub usage: Usage,
    /// Standard output and error in the order of writing, at most 256 KiB of text.
    pub logs: Vec<LogLine>,
    /// Whether the guest wrote more than `logs` holds.
    pub logs_truncated: bool,
}

/// Why there is no answer. [`Call::on_end`] reports the same outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// How the invocation ended; never [`Outcome::Ok`].
    pub outcome: Outcome,
    /// What went wrong, in one sentence for the function's owner, not for its callers.
    pub message: String,
}

impl Fault {
    /// A fault of the kind `outcome`.
    pub(crate) fn new(outcome: Outcome, message: impl Into<String>) -> Self {
        Self { outcome, message: message.into() }
    }
}

//! Why an invocation gave no answer.

use domain::invocation::Outcome;
use http::StatusCode;
use runtime::Fault;

/// Why an invocation gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvokeFault {
    /// As many invocations run as the function or its project may have; try again in a second.
    #[error("{message}")]
    TooBusy {
        /// What is full, for callers.
        message: String,
    },
    /// The program cannot be had now; try again.
    #[error("{message}")]
    Unavailable {
        /// Why, for callers.
        message: String,
    },
    /// The guest failed before its answer's head.
    #[error("{message}")]
    Failed {
        /// How.
        outcome: Outcome,
        /// Why, for callers: nothing of the guest's own words.
        message: String,
    },
}

impl From<Fault> for InvokeFault {
    /// A guest's fault as its function's owner is told of it.
    fn from(fault: Fault) -> Self {
        Self::Failed { outcome: fault.outcome, message: fault.message }
    }
}

impl InvokeFault {
    /// Whether the guest was let in: what it was given, it may have seen.
    #[must_use]
    pub const fn was_run(&self) -> bool {
        match self {
            Self::TooBusy { .. } | Self::Unavailable { .. } => false,
            Self::Failed { outcome, .. } => !matches!(outcome, Outcome::Unavailable),
        }
    }

    pub(super) fn failed(outcome: Outcome) -> Self {
        let message = match outcome {
            Outcome::Ok | Outcome::NoAnswer => "the function ended without an answer",
            Outcome::Failed | Outcome::Trapped => "the function failed",
            Outcome::TimedOut => "the function did not answer in time",
            Outcome::CpuExceeded => "the function used up its CPU time",
            Outcome::OutOfMemory => "the function ran out of memory",
            Outcome::RequestTooLarge => "the request's body is larger than the function takes",
            Outcome::Cancelled => "the request was cancelled",
            Outcome::Unavailable => "no instance of the function is free",
        };
        Self::Failed { outcome, message: message.to_owned() }
    }

    /// The status to answer with.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::TooBusy { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed { outcome, .. } => match outcome {
                Outcome::TimedOut => StatusCode::GATEWAY_TIMEOUT,
                Outcome::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                Outcome::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                Outcome::Ok
                | Outcome::Failed
                | Outcome::Trapped
                | Outcome::CpuExceeded
                | Outcome::OutOfMemory
                | Outcome::NoAnswer
                | Outcome::Cancelled => StatusCode::BAD_GATEWAY,
            },
        }
    }

    /// A stable word for programs, such as `too-busy` or `trapped`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooBusy { .. } => "too-busy",
            Self::Unavailable { .. } => "unavailable",
            Self::Failed { outcome, .. } => outcome.as_str(),
        }
    }

    /// One sentence for callers.
    #[must_use]
    pub fn message(&self) -> &str {
        let (Self::TooBusy { message } | Self::Unavailable { message } | Self::Failed { message, .. }) = self;
        message
    }

    /// After how many seconds it is worth trying again, where it is.
    #[must_use]
    pub const fn retry_after_s(&self) -> Option<u32> {
        if self.was_run() { None } else { Some(1) }
    }

    /// Its word and its sentence in one line, as it is kept with what failed.
    #[must_use]
    pub fn in_words(&self) -> String {
        format!("{}: {}", self.code(), self.message())
    }

    /// How the invocation counts in records.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::TooBusy { .. } | Self::Unavailable { .. } => Outcome::Unavailable,
            Self::Failed { outcome, .. } => *outcome,
        }
    }
}

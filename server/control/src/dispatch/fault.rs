//! Why an invocation gave no answer.

use domain::invocation::Outcome;
use http::StatusCode;

/// Why an invocation gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvokeFault {
    /// As many invocations run as the function or its project may have; try again in a second.
    TooBusy {
        /// What is full, for people.
        message: String,
    },
    /// The program cannot be had now; try again.
    Unavailable {
        /// Why, for people.
        message: String,
    },
    /// The guest failed before its answer's head.
    Failed {
        /// How.
        outcome: Outcome,
        /// Why, for people.
        message: String,
    },
}

impl InvokeFault {
    /// The status to answer with.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::TooBusy { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed { outcome, .. } => match outcome {
                Outcome::TimedOut => StatusCode::GATEWAY_TIMEOUT,
                Outcome::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::BAD_GATEWAY,
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

    /// One sentence for people.
    #[must_use]
    pub fn message(&self) -> &str {
        let (Self::TooBusy { message } | Self::Unavailable { message } | Self::Failed { message, .. }) = self;
        message
    }

    /// After how many seconds it is worth trying again, where it is.
    #[must_use]
    pub const fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::TooBusy { .. } | Self::Unavailable { .. } => Some(1),
            Self::Failed { .. } => None,
        }
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

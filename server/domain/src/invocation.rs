//! How one run of a guest ended and what it used.

use serde::{Deserialize, Serialize};

/// How an invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The guest answered.
    Ok,
    /// The guest answered that it failed.
    Failed,
    /// The guest trapped: a panic, an unreachable instruction, a failed bounds check.
    Trapped,
    /// The wall deadline passed.
    TimedOut,
    /// The CPU budget was used up.
    CpuExceeded,
    /// The guest asked for more memory than its limit and then failed.
    OutOfMemory,
    /// The guest returned without an answer, or with one that HTTP does not allow.
    NoAnswer,
    /// The request's body was larger than the limit.
    RequestTooLarge,
    /// The caller went away before the answer's end.
    Cancelled,
    /// No instance could be had.
    Unavailable,
}

impl Outcome {
    /// The name as clients, metrics and the database spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Trapped => "trapped",
            Self::TimedOut => "timed-out",
            Self::CpuExceeded => "cpu-exceeded",
            Self::OutOfMemory => "out-of-memory",
            Self::NoAnswer => "no-answer",
            Self::RequestTooLarge => "request-too-large",
            Self::Cancelled => "cancelled",
            Self::Unavailable => "unavailable",
        }
    }
}

/// What one invocation used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// From the request's head to the answer's end, in microseconds.
    pub wall_us: u64,
    /// Time of making the instance, in microseconds.
    pub instantiate_us: u64,
    /// CPU time of the guest and of the host on its behalf, in microseconds.
    pub cpu_us: u64,
    /// The most memory that the instance held, in bytes, over all of its memories.
    pub memory_peak_bytes: u64,
    /// Bytes of the request's body that were read.
    pub request_bytes: u64,
    /// Bytes of the answer's body.
    pub response_bytes: u64,
}

/// Where a guest wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// One line that a guest wrote, or the part of it that fitted the limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogLine {
    /// Where it was written.
    pub stream: Stream,
    /// The text without its line break; bytes that are not UTF-8 are replaced.
    pub text: String,
}

//! What can go wrong with a verb, and the exit code that scripts see.

use domain::{Failure, manifest::Complaint};

/// Why a verb did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The command line asks for something that cannot be.
    #[error("{0}")]
    Usage(String),
    /// A file cannot be read.
    #[error("cannot read {path}")]
    File { path: String, source: std::io::Error },
    /// A manifest is wrong.
    #[error("{path} is not a manifest that can be deployed")]
    Manifest { path: String, complaints: Vec<Complaint> },
    /// What is there stands in the way.
    #[error("{0}")]
    Conflict(String),
    /// There is nothing of that name, found out before the platform was asked for it.
    #[error("{0}")]
    NotFound(String),
    /// No token was given.
    #[error("no token was given")]
    NoToken,
    /// The platform refused.
    #[error("{}", .0.detail)]
    Problem(Box<wire::Problem>),
    /// The platform looked at the component and refused it.
    #[error("version {version} was refused: {}", failure.message)]
    Refused { version: u32, failure: Failure },
    /// No connection, or it broke.
    #[error("cannot reach the platform at {url}")]
    Unreachable { url: String, source: reqwest::Error },
    /// The platform did not answer in time.
    #[error("{0}")]
    TimedOut(String),
    /// Something else than a platform answered.
    #[error("{url} answered {status} and is not a Dormouse platform, or not this version of it")]
    NotPlatform { url: String, status: u16 },
    /// The verb worked and its result is a failure.
    #[error("{0}")]
    Failed(String),
    /// Standard output is gone.
    #[error("cannot write to standard output")]
    Output(#[from] std::io::Error),
}

impl Error {
    /// The process's exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe => 0,
            Self::File { .. } | Self::NotPlatform { .. } | Self::Failed(_) | Self::Output(_) => 1,
            Self::Usage(_) | Self::Manifest { .. } => 2,
            Self::NotFound(_) => 3,
            Self::NoToken => 4,
            Self::Conflict(_) => 5,
            Self::Problem(problem) => match (problem.status, problem.code.as_str()) {
                (401 | 403, _) => 4,
                (404 | 410, _) => 3,
                (409 | 412, _) => 5,
                (413, _) | (_, "digest-mismatch") => 6,
                (408 | 429 | 502..=504, _) => 7,
                _ => 1,
            },
            Self::Refused { .. } => 6,
            Self::Unreachable { .. } | Self::TimedOut(_) => 7,
        }
    }

    /// A stable word for programs.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Usage(_) => "usage",
            Self::File { .. } => "unreadable-file",
            Self::Manifest { .. } => "manifest",
            Self::Conflict(_) => "conflict",
            Self::NotFound(_) => "not-found",
            Self::NoToken => "no-token",
            Self::Problem(problem) => &problem.code,
            Self::Refused { failure, .. } => &failure.code,
            Self::Unreachable { .. } => "unreachable",
            Self::TimedOut(_) => "timed-out",
            Self::NotPlatform { .. } => "not-a-platform",
            Self::Failed(_) => "failed",
            Self::Output(_) => "output",
        }
    }

    /// What to do about it, where that is known.
    pub(crate) fn way_out(&self) -> Option<&'static str> {
        match self {
            Self::NoToken => Some("make a token in the console and set DORMOUSE_TOKEN"),
            Self::Problem(problem) if problem.status == 401 => {
                Some("the token is unknown, revoked or expired: make another and set DORMOUSE_TOKEN")
            }
            Self::Unreachable { .. } => Some("start it with `dormouse serve`, or set DORMOUSE_URL"),
            _ => None,
        }
    }
}

/// The first cause of `error`: what came between says the same in other words.
pub(crate) fn innermost<'a>(error: &'a (dyn std::error::Error + 'static)) -> &'a (dyn std::error::Error + 'static) {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause
}

//! Why a use case did not happen.

use std::time::Duration;

use domain::{Action, Digest, Invalid};

/// Why a use case did not happen. `api` turns each into one problem.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input breaks rules; each names its field.
    #[error("the input is invalid")]
    Invalid(Vec<Invalid>),
    /// There is no such thing, or the caller may not know of it.
    #[error("there is no {what}")]
    NotFound {
        /// What was looked for, such as `function hello`.
        what: String,
    },
    /// There was such a thing, perhaps, and it comes back no more.
    #[error("{what} is gone")]
    Gone {
        /// What was looked for, such as `connection con_…`.
        what: String,
    },
    /// Nobody is signed in, or the session or token is unknown, revoked or over.
    #[error("the request carries no valid session or token")]
    Unauthenticated,
    /// Address and password do not belong together.
    #[error("the address or the password is wrong")]
    WrongCredentials,
    /// A browser's request without the session's CSRF token.
    #[error("the request does not carry the session's csrf token")]
    Csrf,
    /// The caller sees the project but may not do this in it.
    #[error("the caller may not do {action} in this project")]
    Forbidden {
        /// What they may not do.
        action: Action,
    },
    /// Only a person may do this, and the caller is a token.
    #[error("a token cannot {what}")]
    PeopleOnly {
        /// What a token cannot do, such as `create projects`.
        what: &'static str,
    },
    /// It does not fit what is there.
    #[error("{detail}")]
    Conflict {
        /// A stable word for programs, such as `route-conflict`.
        code: &'static str,
        /// What is in the way, and the way out.
        detail: String,
    },
    /// The caller's expectation of the present state does not hold.
    #[error("{detail}")]
    PreconditionFailed {
        /// What was expected and what is there.
        detail: String,
    },
    /// Too many attempts to sign in.
    #[error("there were too many attempts")]
    RateLimited {
        /// When to try again.
        retry_after: Duration,
    },
    /// The component is over the size limit.
    #[error("the component has more than {max_bytes} bytes")]
    TooLarge {
        /// The limit.
        max_bytes: u64,
    },
    /// The upload ended early.
    #[error("the upload ended before all of its bytes had come")]
    Truncated,
    /// What came is not what the caller said would come.
    #[error("the component has the digest {found}, not {expected}")]
    DigestMismatch {
        /// What the caller said.
        expected: Digest,
        /// What came.
        found: Digest,
    },
    /// Something that this needs does not answer; trying again later helps.
    #[error("{what} is not available")]
    Unavailable {
        /// What does not answer.
        what: &'static str,
        /// Why, for the log.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// A fault of the platform; for the log, never for clients.
    #[error("{doing} failed")]
    Internal {
        /// What was being done.
        doing: &'static str,
        /// What went wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    pub(crate) fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound { what: what.into() }
    }

    pub(crate) fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Conflict { code, detail: detail.into() }
    }

    pub(crate) fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Invalid::new(field, message)])
    }

    /// Wraps a fault of the platform that happened while `doing`.
    pub(crate) fn internal<E>(doing: &'static str) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        move |source| Self::Internal { doing, source: source.into() }
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(vec![invalid])
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Database(_) | store::Error::Commit(_) | store::Error::Abandoned => {
                Self::Unavailable { what: "the database", source: Some(error.into()) }
            }
            store::Error::Blob(_) | store::Error::File { .. } => {
                Self::Unavailable { what: "the blob store", source: Some(error.into()) }
            }
            store::Error::TooLarge { max_bytes } => Self::TooLarge { max_bytes },
            store::Error::Interrupted(_) => Self::Truncated,
            other => Self::Internal { doing: "reading or writing stored things", source: other.into() },
        }
    }
}

//! What a use case's error is to a client. Causes go to the log, never into the answer.

use control::Error;

use super::{Kind, Problem};

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(fields) => Self::invalid(fields),
            Error::NotFound { what } => {
                Self::new(Kind::NOT_FOUND, format!("there is no {what}, or you may not see it"))
            }
            Error::Gone { what } => {
                Self::new(Kind::GONE, format!("{what} is closed, or never was; it does not come back"))
            }
            Error::Unauthenticated => Self::new(
                Kind::UNAUTHENTICATED,
                "the request carries no valid session or token; sign in, or send authorization: Bearer dm_…",
            ),
            Error::WrongCredentials => Self::new(Kind::UNAUTHENTICATED, "the address or the password is wrong"),
            Error::Csrf => Self::new(
                Kind::CSRF,
                "send the session's csrf_token (GET /api/v1/session) in the header x-csrf-token, from the same origin",
            ),
            Error::Forbidden { action } => Self::new(
                Kind::FORBIDDEN,
                format!("this needs {action} in the project, which you may not do; ask an owner"),
            ),
            Error::PeopleOnly { what } => {
                Self::new(Kind::FORBIDDEN, format!("a token cannot {what}; sign in as a person"))
            }
            Error::Conflict { code, detail } => Self::new(Kind::conflict(code), detail),
            Error::PreconditionFailed { detail } => Self::new(Kind::PRECONDITION_FAILED, detail),
            Error::RateLimited { retry_after } => {
                let seconds = retry_after.as_secs().max(1);
                Self::new(Kind::RATE_LIMITED, format!("there were too many attempts; try again in {seconds} s"))
                    .retry_after(seconds)
            }
            Error::TooLarge { max_bytes } => {
                Self::new(Kind::TOO_LARGE, format!("a component has at most {max_bytes} bytes"))
            }
            Error::Truncated => Self::new(
                Kind::TRUNCATED,
                "the upload ended before all of its bytes had come; nothing was stored, send it again",
            ),
            Error::DigestMismatch { expected, found } => Self::new(
                Kind::DIGEST_MISMATCH,
                format!("the component has the SHA-256 {found}, not {expected}; nothing was stored"),
            ),
            Error::Unavailable { what, source } => {
                tracing::warn!(cause = source.map(|cause| chain(&*cause)), "{what} is not available");
                Self::new(Kind::UNAVAILABLE, format!("{what} is not available right now; try again soon"))
                    .retry_after(1)
            }
            Error::Internal { ref source, .. } => {
                tracing::error!(cause = chain(&**source), "{error}");
                Self::new(Kind::INTERNAL, "this is our fault, and it is in the server's log under this request's id")
            }
        }
    }
}

/// An error with all of its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}

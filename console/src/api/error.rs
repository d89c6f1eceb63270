//! How a request to the server can fail, as the console tells it to people.

use wire::Problem;

use crate::json;

/// Why a request brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Error {
    /// The server said no, and why.
    Refused(Box<Problem>),
    /// No answer came.
    Unreachable,
    /// An answer came that is not what the console expects.
    Unreadable {
        /// The answer's status; 0 where there was none.
        status: u16,
        /// What identifies the request in the server's logs.
        request_id: Option<String>,
    },
}

impl Error {
    /// Reads the problem that an answer with a bad status carries.
    pub(super) fn refused(status: u16, text: &str, request_id: Option<String>) -> Self {
        match json::read::<Problem>(text) {
            Some(mut problem) => {
                problem.request_id = problem.request_id.or(request_id);
                Self::Refused(Box::new(problem))
            }
            None => Self::Unreadable { status, request_id },
        }
    }

    /// What failed, in a few words.
    pub(crate) fn title(&self) -> String {
        match self {
            Self::Refused(problem) => problem.title.clone(),
            Self::Unreachable => "The server does not answer".to_owned(),
            Self::Unreadable { .. } => "The server's answer makes no sense".to_owned(),
        }
    }

    /// What went wrong, and the way out.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Refused(problem) => problem.detail.clone(),
            Self::Unreachable => {
                "No answer came. Check that the platform runs and that this computer is online.".to_owned()
            }
            Self::Unreadable { status, .. } => {
                format!("It came with status {status}. Reload the page: the console may be older than the server.")
            }
        }
    }

    /// Whether it is the input that is wrong, which the person can mend.
    pub(crate) fn is_invalid(&self) -> bool {
        matches!(self, Self::Refused(problem) if problem.status == 422)
    }

    /// What identifies the request in the server's logs.
    pub(crate) fn request_id(&self) -> Option<&str> {
        match self {
            Self::Refused(problem) => problem.request_id.as_deref(),
            Self::Unreachable => None,
            Self::Unreadable { request_id, .. } => request_id.as_deref(),
        }
    }

    /// What is wrong with the input `field`.
    pub(crate) fn field(&self, field: &str) -> Option<String> {
        let Self::Refused(problem) = self else { return None };
        problem.errors.iter().find(|error| error.field == field).map(|error| error.message.clone())
    }

    /// The fields that are wrong, each with what is wrong with it.
    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        let Self::Refused(problem) = self else { return Vec::new() };
        problem.errors.iter().map(|error| (error.field.clone(), error.message.clone())).collect()
    }

    /// The stable word for the kind of problem.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Refused(problem) => &problem.code,
            Self::Unreachable => "unreachable",
            Self::Unreadable { .. } => "unreadable",
        }
    }
}

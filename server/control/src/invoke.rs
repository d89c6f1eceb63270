//! One call of a function through the API, to try it.

use bytes::Bytes;
use domain::{
    FunctionName, ProjectName, VersionNumber,
    id::InvocationId,
    invocation::{LogLine, Outcome, Usage},
};
use http::HeaderMap;

use crate::{Caller, Control, Error};

/// A request to send to a function, without a route.
#[derive(Clone, Debug)]
pub struct TestCall {
    /// The version to call; absent, the live deployment decides.
    pub version: Option<VersionNumber>,
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Names and values of headers: at most 100.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// What the function answered, and what it used.
#[derive(Clone, Debug)]
pub struct TestAnswer {
    /// Identifies the invocation.
    pub invocation: InvocationId,
    /// The version that ran.
    pub version: VersionNumber,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it failed, in a sentence.
    pub error: Option<String>,
    /// The answer's status, or the one that a caller would have been sent.
    pub status: http::StatusCode,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// The answer's body: at most 1 MiB of it.
    pub body: Bytes,
    /// Whether the body was longer.
    pub body_truncated: bool,
    /// What it used.
    pub usage: Usage,
    /// What it wrote to standard output and standard error.
    pub logs: Vec<LogLine>,
    /// Whether it wrote more than is kept.
    pub logs_truncated: bool,
}

impl Control {
    /// Calls a function and waits for its whole answer.
    ///
    /// A guest's fault is an answer with its outcome, not an error.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for the function, the version, or where nothing is live; [`Error::Forbidden`];
    /// [`Error::Invalid`] for method, path or headers; [`Error::Conflict`] `version-not-ready`.
    pub async fn invoke(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        call: TestCall,
    ) -> Result<TestAnswer, Error> {
        todo!()
    }
}

//! One call of a function through the API, to try it.

use domain::invocation::{LogLine, Outcome, Usage};
use serde::{Deserialize, Serialize};

/// A request to send to a function, without a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Invoke {
    /// The version to call; absent, the live deployment decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// The method; `GET` where absent.
    #[serde(default = "get")]
    pub method: String,
    /// Path and query; `/` where absent.
    #[serde(default = "root")]
    pub path: String,
    /// Names and values of headers: at most 100.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body as text.
    #[serde(default)]
    pub body: String,
}

fn get() -> String {
    "GET".to_owned()
}

fn root() -> String {
    "/".to_owned()
}

/// What the function answered, and what it used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvokeAnswer {
    /// Identifies the invocation.
    pub invocation_id: String,
    /// The version that ran.
    pub version: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it failed, in a sentence; absent where it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The answer's status, or the one that a caller would have been sent.
    pub status: u16,
    /// Names and values of the answer's headers.
    pub headers: Vec<(String, String)>,
    /// The answer's body: text, or base64 where [`Self::body_is_base64`].
    pub body: String,
    /// Whether the body is not UTF-8 and thus in base64.
    pub body_is_base64: bool,
    /// Whether the body was longer than the 1 MiB that is shown.
    pub body_truncated: bool,
    /// What it used.
    pub usage: Usage,
    /// What it wrote to standard output and standard error.
    pub logs: Vec<LogLine>,
    /// Whether it wrote more than is kept (256 KiB).
    pub logs_truncated: bool,
}

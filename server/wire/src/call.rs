//! Asynchronous calls of functions.

use domain::{CallState, Timestamp};
use serde::{Deserialize, Serialize};

/// Calls a function by name, later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateCall {
    /// The version to call; absent, the live deployment decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// What the function is given, as text, or in base64 where [`Self::body_is_base64`]: at most 256 KiB.
    #[serde(default)]
    pub body: String,
    /// Whether the body is in base64.
    #[serde(default)]
    pub body_is_base64: bool,
    /// The body's type; `text/plain` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

/// An asynchronous call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Call {
    /// Its id, `inv_…`.
    pub id: String,
    /// The version that it belongs to.
    pub version: u32,
    /// Where it stands.
    pub state: CallState,
    /// Attempts that were begun: at most 3.
    pub attempts: u32,
    /// When the next attempt may begin; absent unless one is to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at_us: Option<Timestamp>,
    /// What the function answered; lists leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<CallAnswer>,
    /// Why the last attempt failed, or why the answer is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at_us: Timestamp,
    /// When it is too old to be tried.
    pub expires_at_us: Timestamp,
    /// When it ended; absent until then. Its record is kept for 7 days from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at_us: Option<Timestamp>,
}

/// What a function answered to a call by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallAnswer {
    /// Its type.
    pub content_type: String,
    /// The body: text, or base64 where [`Self::body_is_base64`].
    pub body: String,
    /// Whether the body is not UTF-8 and thus in base64.
    pub body_is_base64: bool,
}

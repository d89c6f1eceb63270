//! The one shape of an error (RFC 9457).

use serde::{Deserialize, Serialize};

/// An error as `application/problem+json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A stable path that names the kind of error: `/problems/` and [`Self::code`].
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong this time, and the way out.
    pub detail: String,
    /// A stable word for programs, such as `route-conflict`.
    pub code: String,
    /// Identifies the request to the control plane in logs and traces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Identifies the invocation, where a function was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invocation_id: Option<String>,
    /// The fields that are wrong, where the input was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field as the request spells it, such as `versions[1].weight`.
    pub field: String,
    /// What is wrong, what the limit is, and what to write instead.
    pub message: String,
}

//! Functions.

use domain::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Deployment;

/// A function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Function {
    /// Its id, `fn_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for, in a sentence; empty where nobody said.
    pub description: String,
    /// When it was created.
    pub created_at_us: Timestamp,
    /// The newest version's number; absent before the first upload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_version: Option<u32>,
    /// The deployment that is live; absent before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<Deployment>,
}

/// Asks for a new function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateFunction {
    /// Its name: 1 to 48 of `a-z`, `0-9` and `-`, the first a letter.
    pub name: String,
    /// What it is for: at most 500 bytes.
    #[serde(default)]
    pub description: String,
}

/// Asks to change a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateFunction {
    /// What it is for: at most 500 bytes.
    pub description: String,
}

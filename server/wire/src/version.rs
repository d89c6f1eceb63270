//! Versions.

use domain::{Configuration, Failure, Timestamp, Verdict, VersionState, version::Source};
use serde::{Deserialize, Serialize};

/// Asks for a version of the same component that runs with something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReconfigureVersion {
    /// What it is to run with, whole.
    pub configuration: Configuration,
    /// Why: at most 500 bytes.
    #[serde(default)]
    pub message: String,
}

/// A component with its configuration: immutable but for its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Version {
    /// Its id, `ver_…`.
    pub id: String,
    /// Its number within the function.
    pub number: u32,
    /// Where it stands.
    pub state: VersionState,
    /// While it is being prepared, the last step that is done: `received`, `checked`,
    /// `snapshotted` or `compiled`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The component's SHA-256.
    pub component_sha256: String,
    /// The component's size in bytes.
    pub component_bytes: u64,
    /// What it runs with.
    pub configuration: Configuration,
    /// What was found in the component, once it is ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Why it was refused, once it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Why it was made.
    pub message: String,
    /// Who made it: a person's or a token's name.
    pub created_by: String,
    /// Where it came from.
    pub source: Source,
    /// When it was uploaded.
    pub created_at_us: Timestamp,
    /// Where it can be tried, live or not, such as `http://v7--hello.demo.localhost:8080`.
    pub preview_url: String,
    /// Whether the live deployment sends traffic to it.
    pub live: bool,
}

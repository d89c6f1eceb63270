//! Deployments and what would change between two of them.

use std::collections::BTreeMap;

use domain::{SplitKey, Timestamp, Trigger, WeightedVersion};
use serde::{Deserialize, Serialize};

/// A record of what a function's traffic does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deployment {
    /// Its id, `dep_…`.
    pub id: String,
    /// Its number within the function: 1, 2, 3….
    pub number: u32,
    /// The versions and their shares.
    pub versions: Vec<WeightedVersion>,
    /// What keeps a caller on one version while traffic is split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split_key: Option<SplitKey>,
    /// The whole set of triggers.
    pub triggers: Vec<Trigger>,
    /// Which version of each secret its versions read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, u32>,
    /// Why it was made.
    pub message: String,
    /// Who made it.
    pub created_by: String,
    /// When it went live.
    pub created_at_us: Timestamp,
    /// When the next one took its place; absent while it is live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_at_us: Option<Timestamp>,
    /// The deployment that this one copies, where it is a rollback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled_back_to: Option<u32>,
    /// Whether it decides the traffic now.
    pub live: bool,
    /// Where the function answers, one address for each HTTP trigger, patterns as written.
    pub urls: Vec<String>,
}

/// Asks to move traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateDeployment {
    /// One or two versions whose weights sum to 100.
    pub versions: Vec<WeightedVersion>,
    /// The whole set of triggers. Absent: those of the live deployment, or for the first one an HTTP
    /// trigger for everything below the function's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triggers: Option<Vec<Trigger>>,
    /// What keeps a caller on one version while traffic is split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split_key: Option<SplitKey>,
    /// Why: at most 500 bytes.
    #[serde(default)]
    pub message: String,
    /// The number of the live deployment as the caller has seen it, 0 for none: if another one is
    /// live by now, nothing happens and the answer is `precondition-failed`. Absent, it is not checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_live: Option<u32>,
}

/// Asks to put an earlier deployment back, whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RollBack {
    /// The number of the deployment to copy; absent, the one before the live one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u32>,
    /// Why: at most 500 bytes.
    #[serde(default)]
    pub message: String,
    /// The number of the live deployment as the caller has seen it, 0 for none: if another one is
    /// live by now, nothing happens and the answer is `precondition-failed`. Absent, it is not checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_live: Option<u32>,
}

/// What moving from the live deployment to another one would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeploymentChanges {
    /// The live deployment's number.
    pub from: u32,
    /// The other one's number.
    pub to: u32,
    /// All that a deployment decides, field by field, in a fixed order.
    pub changes: Vec<Change>,
}

/// One field now and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    /// What it is, such as `versions`, `triggers` or `variables.GREETING`.
    pub field: String,
    /// Its value now, for people; empty where there is none.
    pub now: String,
    /// Its value after, for people; empty where there is none.
    pub after: String,
    /// Whether the two differ.
    pub changed: bool,
}

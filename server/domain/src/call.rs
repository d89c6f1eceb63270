//! Asynchronous calls: a function that is called by name, later.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The most bytes of a call's payload: 256 KiB, as much as a message of a dead-letter queue holds.
pub const MAX_PAYLOAD_BYTES: usize = 256 << 10;

/// How long a call is tried: 6 hours.
pub const MAX_AGE: Duration = Duration::from_secs(6 * 3_600);

/// How long the record of a call that has ended is kept: 7 days.
pub const RETENTION: Duration = Duration::from_secs(7 * 86_400);

/// The waits after the first attempt and the second; the third is the last.
pub const WAITS: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(120)];

/// Where an asynchronous call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum CallState {
    /// It waits for its first attempt or its next one.
    Pending,
    /// An attempt is under way.
    Running,
    /// The function answered.
    Succeeded,
    /// The last attempt failed, or the call became too old.
    Failed,
    /// Someone cancelled it before it ran.
    Cancelled,
}

impl CallState {
    /// The name as clients and the database spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

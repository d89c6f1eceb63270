//! The slots of schedules: why there is one, and what became of it.

use serde::{Deserialize, Serialize};

/// Why there is a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SlotKind {
    /// It was due, and a server was there in time.
    Due,
    /// It was due while no server was there.
    Late,
    /// Someone asked for it.
    Manual,
}

/// What became of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SlotState {
    /// It is about to run.
    Waiting,
    /// The function runs.
    Running,
    /// The function failed, and is tried again.
    Retrying,
    /// The function ran.
    Ran,
    /// The function failed, and is not tried again.
    Failed,
    /// The slot before it still ran, and the schedule forbids overlap.
    SkippedOverlap,
    /// No server was there, and the schedule does not catch this slot up.
    MissedDown,
    /// No server was there, and the function ran later.
    CaughtUp,
}

impl SlotKind {
    /// The name as clients and the database spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Late => "late",
            Self::Manual => "manual",
        }
    }
}

impl SlotState {
    /// The name as clients and the database spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Retrying => "retrying",
            Self::Ran => "ran",
            Self::Failed => "failed",
            Self::SkippedOverlap => "skipped-overlap",
            Self::MissedDown => "missed-down",
            Self::CaughtUp => "caught-up",
        }
    }

    /// Whether nothing more becomes of it.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running | Self::Retrying)
    }
}

//! Schedules and the ledger of their slots.

use domain::{CronTrigger, SlotKind, SlotState, Timestamp, VersionNumber};
use serde::{Deserialize, Serialize};

/// A schedule of a function's live deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Schedule {
    /// The function.
    pub function: String,
    /// All that the deployment says of it; its name is the schedule's.
    pub trigger: CronTrigger,
    /// When it is due next, soonest first, at most five times; empty while it is paused.
    pub next_at_us: Vec<Timestamp>,
    /// Since when it is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_at_us: Option<Timestamp>,
    /// Who paused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_by: Option<String>,
    /// Its latest slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Slot>,
}

/// One time at which a schedule was due, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Slot {
    /// Its id, `slt_…`, the same at each attempt; slots sort by it as by the time at which they are due.
    pub id: String,
    /// When it was due.
    pub scheduled_at_us: Timestamp,
    /// Why there is one.
    pub kind: SlotKind,
    /// What became of it.
    pub state: SlotState,
    /// How often the function was run for it.
    pub attempt: u32,
    /// The version that ran last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<VersionNumber>,
    /// The run that was last, `inv_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invocation_id: Option<String>,
    /// When the function first ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at_us: Option<Timestamp>,
    /// When it was settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at_us: Option<Timestamp>,
    /// From when on it is tried again; while it runs, when the server's lease ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available_at_us: Option<Timestamp>,
    /// Why the last run failed, or it never ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<String>,
}

/// Times at which a schedule is due, soonest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScheduleRuns {
    /// The times.
    pub at_us: Vec<Timestamp>,
}

//! The slots of a schedule as a source of events.

use serde::{Deserialize, Serialize};

use super::within;
use crate::{CronName, Invalid, schedule::Expression};

/// The schedule by which a function runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CronTrigger {
    /// Its name within the function: what its slots are recorded under.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: CronName,
    /// Five fields (minute, hour, day, month, weekday), six with the second first, or a name such as `@hourly`.
    pub schedule: String,
    /// The IANA time zone of the schedule's hours, such as `Europe/Berlin`; by default `UTC`.
    #[serde(default = "CronTrigger::default_timezone")]
    pub timezone: String,
    /// What becomes of a slot that is due while the one before it still runs.
    #[serde(default)]
    pub overlap: Overlap,
    /// What becomes of slots that were due while no server ran.
    #[serde(default)]
    pub catch_up: CatchUp,
    /// How often a slot that failed is tried again: 0 to 10, by default 2.
    #[serde(default = "CronTrigger::default_retries")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 10, default = 2))]
    pub retries: u32,
    /// The wall deadline of one invocation, in milliseconds: 1 to 900,000, by default 900,000.
    #[serde(default = "CronTrigger::default_timeout_ms")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 900000, default = 900000))]
    pub timeout_ms: u32,
}

/// What becomes of a slot that is due while the one before it still runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Overlap {
    /// It is recorded as skipped.
    #[default]
    Forbid,
    /// It runs beside it.
    Allow,
}

/// What becomes of slots that were due while no server ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum CatchUp {
    /// They are recorded as missed.
    Skip,
    /// The newest of them runs, the others are recorded as missed.
    #[default]
    One,
    /// All of them run, oldest first.
    All,
}

impl CronTrigger {
    /// The default of [`Self::retries`].
    const RETRIES: u32 = 2;
    /// The default of [`Self::timeout_ms`].
    const TIMEOUT_MS: u32 = 900_000;

    /// A trigger with the defaults.
    #[must_use]
    pub fn new(name: CronName, schedule: impl Into<String>) -> Self {
        Self {
            name,
            schedule: schedule.into(),
            timezone: Self::default_timezone(),
            overlap: Overlap::default(),
            catch_up: CatchUp::default(),
            retries: Self::RETRIES,
            timeout_ms: Self::TIMEOUT_MS,
        }
    }

    fn default_timezone() -> String {
        "UTC".to_owned()
    }

    const fn default_retries() -> u32 {
        Self::RETRIES
    }

    const fn default_timeout_ms() -> u32 {
        Self::TIMEOUT_MS
    }

    pub(super) fn in_words(&self) -> String {
        let Self { name, schedule, timezone, overlap, catch_up, retries, timeout_ms } = self;
        let overlap = match overlap {
            Overlap::Forbid => "no overlap",
            Overlap::Allow => "may overlap",
        };
        let catch_up = match catch_up {
            CatchUp::Skip => "catches up none",
            CatchUp::One => "catches up one",
            CatchUp::All => "catches up all",
        };
        format!("cron {name} {schedule} {timezone} ({overlap}, {catch_up}, {retries} retries, {timeout_ms} ms each)")
    }

    /// Checks the expression and every figure; of the zone only that it may be one.
    pub(super) fn check(&self) -> Result<(), Invalid> {
        self.schedule.parse::<Expression>()?;
        if !(1..=64).contains(&self.timezone.len()) {
            let message = format!("has {} bytes; use the name of a zone such as Europe/Berlin", self.timezone.len());
            return Err(Invalid::new("timezone", message));
        }
        within("retries", self.retries, 0, 10)?;
        within("timeout_ms", self.timeout_ms, 1, 900_000)
    }
}

//! The fields of a schedule.

use leptos::prelude::*;
use wire::{CatchUp, CronTrigger, Overlap, Trigger};

use super::whole;
use crate::components::field::{Choice, TextField};

/// A schedule while it is edited.
#[derive(Clone, Copy)]
pub(super) struct CronRow {
    name: RwSignal<String>,
    schedule: RwSignal<String>,
    timezone: RwSignal<String>,
    overlap: RwSignal<String>,
    catch_up: RwSignal<String>,
    retries: RwSignal<String>,
    timeout_ms: RwSignal<String>,
    pub(super) wrong: RwSignal<Option<String>>,
}

impl CronRow {
    /// With the values of `cron`, or the defaults.
    pub(super) fn of(cron: Option<&CronTrigger>) -> Self {
        let usual = || "nightly".parse().ok().map(|name| CronTrigger::new(name, "0 3 * * *"));
        let shown = cron.cloned().or_else(usual);
        let text = |of: fn(&CronTrigger) -> String| RwSignal::new(shown.as_ref().map(of).unwrap_or_default());
        Self {
            name: text(|cron| cron.name.to_string()),
            schedule: text(|cron| cron.schedule.clone()),
            timezone: text(|cron| cron.timezone.clone()),
            overlap: text(|cron| overlap(cron.overlap).to_owned()),
            catch_up: text(|cron| catch_up(cron.catch_up).to_owned()),
            retries: text(|cron| cron.retries.to_string()),
            timeout_ms: text(|cron| cron.timeout_ms.to_string()),
            wrong: RwSignal::new(None),
        }
    }

    /// The trigger, or what is wrong with it.
    pub(super) fn read(self) -> Result<Trigger, String> {
        let name = self.name.with_untracked(|name| name.trim().parse()).map_err(|invalid| format!("{invalid}"))?;
        Ok(Trigger::Cron(CronTrigger {
            timezone: self.timezone.with_untracked(|zone| zone.trim().to_owned()),
            overlap: if self.overlap.get_untracked() == "allow" { Overlap::Allow } else { Overlap::Forbid },
            catch_up: match self.catch_up.get_untracked().as_str() {
                "skip" => CatchUp::Skip,
                "all" => CatchUp::All,
                _ => CatchUp::One,
            },
            retries: whole("Further tries", self.retries)?,
            timeout_ms: whole("Time", self.timeout_ms)?,
            ..CronTrigger::new(name, self.schedule.with_untracked(|schedule| schedule.trim().to_owned()))
        }))
    }
}

const fn overlap(overlap: Overlap) -> &'static str {
    match overlap {
        Overlap::Forbid => "forbid",
        Overlap::Allow => "allow",
    }
}

const fn catch_up(catch_up: CatchUp) -> &'static str {
    match catch_up {
        CatchUp::Skip => "skip",
        CatchUp::One => "one",
        CatchUp::All => "all",
    }
}

/// When, in which zone, and what becomes of slots that cannot run.
#[component]
pub(super) fn CronFields(
    /// The trigger.
    row: CronRow,
) -> impl IntoView {
    let options = |all: &[(&str, &str)]| -> Vec<(String, String)> {
        all.iter().map(|(key, label)| ((*key).to_owned(), (*label).to_owned())).collect()
    };
    let overlaps = options(&[("forbid", "skip the slot"), ("allow", "run beside it")]);
    let catches = options(&[("one", "make up for the latest"), ("all", "make up for all"), ("skip", "note them only")]);
    view! {
        <div class="trio">
            <TextField label="Name" value=row.name required=true mono=true maxlength=48 hint="What its slots are recorded under." />
            <TextField label="Schedule" value=row.schedule required=true mono=true maxlength=128 hint="Minute, hour, day, month, weekday; or @hourly and the like." />
            <TextField label="Time zone" value=row.timezone required=true mono=true maxlength=64 hint="Such as Europe/Berlin or UTC." />
        </div>
        <div class="trio">
            <Choice label="While the one before runs" value=row.overlap options=overlaps />
            <Choice label="Missed while no server ran" value=row.catch_up options=catches />
            <TextField label="Further tries" value=row.retries kind="number" hint="Of a slot that failed: 0 to 10." />
            <TextField label="Time, in ms" value=row.timeout_ms kind="number" hint="Of one invocation: 1 to 900,000." />
        </div>
    }
}

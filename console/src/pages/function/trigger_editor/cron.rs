//! The fields of a schedule, whose next runs are shown while it is typed.

use std::time::Duration;

use leptos::prelude::*;
use wire::{CatchUp, CronTrigger, Overlap, Trigger};

use super::whole;
use crate::{
    api::Api,
    browser,
    components::{
        field::{Choice, TextField},
        time::WhenBoth,
    },
    pages::function::Here,
    remote::Remote,
};

/// How long nothing must be typed before the next runs are asked for.
const QUIET: Duration = Duration::from_millis(300);

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
    /// The function.
    here: Here,
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
        <NextRuns here row />
        <div class="trio">
            <Choice label="While the one before runs" value=row.overlap options=overlaps />
            <Choice label="Missed while no server ran" value=row.catch_up options=catches />
            <TextField label="Further tries" value=row.retries kind="number" hint="Of a slot that failed: 0 to 10." />
            <TextField label="Time, in ms" value=row.timeout_ms kind="number" hint="Of one invocation: 1 to 900,000." />
        </div>
    }
}

/// When the schedule would be due next, as the platform reads it.
#[component]
fn NextRuns(here: Here, row: CronRow) -> impl IntoView {
    let api = Api::here();
    let runs = Remote::new(
        move || {
            // Not a part of the key: what was said of the text before stays until the new answer is there.
            row.schedule.track();
            row.timezone.track();
            here.project.get()
        },
        move |project| {
            let asked = (row.schedule.get_untracked(), row.timezone.get_untracked());
            async move {
                browser::pause(QUIET).await;
                let now = row.schedule.try_get_untracked().zip(row.timezone.try_get_untracked());
                if now.as_ref() != Some(&asked) {
                    // Whoever typed on has asked anew, and that answer counts.
                    return Ok(Err(String::new()));
                }
                if let Err(invalid) = check(&asked.0) {
                    return Ok(Err(invalid));
                }
                match api.preview_schedule(&project, asked.0.trim(), asked.1.trim()).await {
                    Ok(runs) => Ok(Ok(runs.at_us)),
                    Err(error) if error.is_invalid() => Ok(Err(error.detail())),
                    Err(error) => Err(error),
                }
            }
        },
    );
    view! {
        <div role="status" class="next-runs">
            {runs.view("the next runs", |runs| match runs {
                Ok(at) if at.is_empty() => view! { <p class="note">"It is never due."</p> }.into_any(),
                Ok(at) => {
                    let at: Vec<_> = at.into_iter().map(|at| view! { <li><WhenBoth at /></li> }).collect();
                    view! { <p class="note">"Next runs"</p> <ol class="runs">{at}</ol> }.into_any()
                }
                Err(why) => view! { <p class="note failed">{why}</p> }.into_any(),
            })}
        </div>
    }
}

/// What is wrong with a schedule's expression, as far as the browser can tell, which knows no time zones.
fn check(schedule: &str) -> Result<(), String> {
    let any = "any".parse().map_err(|invalid| format!("{invalid}"))?;
    Trigger::Cron(CronTrigger::new(any, schedule.trim())).check().map_err(|invalid| invalid.to_string())
}

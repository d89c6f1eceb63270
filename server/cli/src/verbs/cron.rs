//! `dormouse cron`.

use clap::{Args, Subcommand};
use domain::{CronName, SlotState, Timestamp};

use crate::{
    error::Error,
    figures,
    output::{Output, Tone},
    scope::{FunctionScope, Scope, Target},
};

/// Shows schedules and their ledger, runs, pauses and resumes them.
#[derive(Debug, Subcommand)]
pub enum Cron {
    /// List the project's schedules with their next runs
    List,
    /// Show what became of a schedule's slots, latest first
    Ledger(Ledger),
    /// Have a function run now for a slot of its own
    Run(Named),
    /// Have a schedule due no more until it is resumed
    Pause(Named),
    /// Have a paused schedule due again
    Resume(Named),
    /// Show when a schedule is due next
    Next(Next),
}

/// Names a schedule.
#[derive(Args, Debug)]
pub struct Named {
    /// The schedule's name
    #[arg(value_name = "SCHEDULE")]
    name: CronName,
    #[command(flatten)]
    target: Target,
}

/// Shows what became of a schedule's slots, latest first.
#[derive(Args, Debug)]
pub struct Ledger {
    #[command(flatten)]
    named: Named,
    /// How many to list
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
}

/// Shows when a schedule is due next.
#[derive(Args, Debug)]
pub struct Next {
    #[command(flatten)]
    named: Named,
    /// How many times to tell
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    count: u32,
}

impl Cron {
    pub(crate) async fn run(self, scope: &Scope<'_>, output: &Output, now: Timestamp) -> Result<(), Error> {
        match self {
            Self::List => list(scope, output, now).await,
            Self::Ledger(ledger) => ledger.run(scope, output, now).await,
            Self::Run(named) => {
                let (scope, path) = named.path(scope, "/run").await?;
                let slot: wire::Slot = scope.client.post(&path, &serde_json::json!({})).await?;
                if output.json() {
                    return output.data(&slot);
                }
                output.say("The slot is about to run:");
                output.line(&slot.id)?;
                output.next(&format!("dormouse cron ledger {} --function {}", named.name, scope.function));
                Ok(())
            }
            Self::Pause(named) => named.change(scope, output, "pause").await,
            Self::Resume(named) => named.change(scope, output, "resume").await,
            Self::Next(next) => {
                let (scope, path) = next.named.path(scope, &format!("/next?count={}", next.count)).await?;
                let runs: wire::ScheduleRuns = scope.client.get(&path).await?;
                if output.json() {
                    return output.data(&runs);
                }
                runs.at_us.iter().try_for_each(|at| output.line(&format!("{}  {}", utc(*at), figures::until(now, *at))))
            }
        }
    }
}

impl Named {
    /// The function, and the schedule's path with `rest` behind it.
    async fn path<'a>(&self, scope: &Scope<'a>, rest: &str) -> Result<(FunctionScope<'a>, String), Error> {
        let scope = scope.function(&self.target).await?;
        let path = scope.path(&format!("/schedules/{}{rest}", self.name));
        Ok((scope, path))
    }

    async fn change(self, scope: &Scope<'_>, output: &Output, verb: &str) -> Result<(), Error> {
        let (scope, path) = self.path(scope, &format!("/{verb}")).await?;
        let schedule: wire::Schedule = scope.client.post(&path, &serde_json::json!({})).await?;
        if output.json() {
            return output.data(&schedule);
        }
        match (schedule.paused_at_us, schedule.next_at_us.first()) {
            (Some(_), _) => {
                output.say(&format!("{} is paused.", self.name));
                output.next(&format!("dormouse cron resume {} --function {}", self.name, scope.function));
            }
            (None, Some(next)) => output.say(&format!("{} is due at {}.", self.name, utc(*next))),
            (None, None) => output.say(&format!("{} is never due again.", self.name)),
        }
        Ok(())
    }
}

impl Ledger {
    async fn run(self, scope: &Scope<'_>, output: &Output, now: Timestamp) -> Result<(), Error> {
        let (scope, path) = self.named.path(scope, &format!("/slots?limit={}", self.limit)).await?;
        let page: wire::Page<wire::Slot> = scope.client.get(&path).await?;
        if output.json() {
            return output.data(&page);
        }
        if page.items.is_empty() {
            output.say(&format!("{} was not due yet.", self.named.name));
            output.next(&format!("dormouse cron next {} --function {}", self.named.name, scope.function));
            return Ok(());
        }
        let rows = page.items.iter().map(|slot| row(slot, now, output)).collect();
        output.table(&["SLOT", "DUE", "STATE", "ATTEMPTS", "VERSION", "TOOK", "ERROR"], rows)?;
        if page.next_cursor.is_some() {
            output.say("There are more; ask for them with --limit.");
        }
        Ok(())
    }
}

async fn list(scope: &Scope<'_>, output: &Output, now: Timestamp) -> Result<(), Error> {
    let project = scope.project().await?;
    let page: wire::Page<wire::Schedule> =
        scope.client().get(&format!("/projects/{project}/schedules?limit=200")).await?;
    if output.json() {
        return output.data(&page);
    }
    let Some(first) = page.items.first() else {
        output.say("No live deployment has a schedule; a function gets one by a trigger of type cron.");
        return Ok(());
    };
    let rows = page.items.iter().map(|schedule| {
        let next = match (schedule.paused_at_us, schedule.next_at_us.first()) {
            (Some(_), _) => "paused".to_owned(),
            (None, Some(next)) => figures::until(now, *next),
            (None, None) => "never".to_owned(),
        };
        let last = schedule.last.as_ref().map_or_else(String::new, |slot| {
            format!("{} {}", slot.state.as_str(), figures::ago(now, slot.scheduled_at_us))
        });
        let trigger = &schedule.trigger;
        vec![
            schedule.function.clone(),
            trigger.name.to_string(),
            trigger.schedule.clone(),
            trigger.timezone.clone(),
            next,
            last,
        ]
    });
    output.table(&["FUNCTION", "SCHEDULE", "WHEN", "ZONE", "NEXT", "LAST"], rows.collect())?;
    output.next(&format!("dormouse cron ledger {} --function {}", first.trigger.name, first.function));
    Ok(())
}

fn row(slot: &wire::Slot, now: Timestamp, output: &Output) -> Vec<String> {
    let state = match slot.state {
        SlotState::Failed | SlotState::MissedDown => output.tinted_line(Tone::Bad, slot.state.as_str()),
        SlotState::Ran | SlotState::CaughtUp => output.tinted_line(Tone::Good, slot.state.as_str()),
        other => other.as_str().to_owned(),
    };
    let took = slot.started_at_us.map(|start| slot.finished_at_us.unwrap_or(now).as_us() - start.as_us());
    vec![
        slot.id.clone(),
        utc(slot.scheduled_at_us),
        state,
        slot.attempt.to_string(),
        slot.version.map_or_else(String::new, |version| version.to_string()),
        took.map_or_else(String::new, |us| figures::duration(us.try_into().unwrap_or(0))),
        slot.error.as_deref().and_then(|error| error.lines().next()).unwrap_or_default().to_owned(),
    ]
}

/// A time to the second, in UTC.
fn utc(at: Timestamp) -> String {
    let instant = jiff::Timestamp::from_second(at.as_us().div_euclid(1_000_000));
    instant.map_or_else(|_| String::new(), |instant| instant.to_string())
}

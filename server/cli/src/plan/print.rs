//! A plan for people, on standard output.

use serde_json::Value;

use super::{Difference, FunctionPlan, Plan, QueuePlan, VersionPlan};
use crate::{
    error::Error,
    figures,
    output::{Output, Tone},
};

/// Prints `plan`, what is added in green and what goes in red.
pub(crate) fn print(plan: &Plan, output: &Output) -> Result<(), Error> {
    output.line(&format!("project {}", plan.project))?;
    plan.queues.iter().try_for_each(|queue| print_queue(queue, output))?;
    plan.functions.iter().try_for_each(|function| print_function(function, output))
}

/// What becomes of `what`, in one line.
fn print_head(what: &str, create: bool, changes: bool, output: &Output) -> Result<(), Error> {
    let (mark, tone, becomes) = match (create, changes) {
        (true, _) => ("+", Tone::Good, "is created"),
        (false, true) => ("~", Tone::Bold, "changes"),
        (false, false) => ("=", Tone::Dim, "stays as it is"),
    };
    output.line(&output.tinted_line(tone, &format!("{mark} {what} {becomes}")))
}

fn print_difference(kind: &str, difference: &Difference, output: &Output) -> Result<(), Error> {
    let (now, after) = (shown(&difference.now), output.tinted_line(Tone::Bold, &shown(&difference.after)));
    output.line(&format!("    {kind:<15}{}: {now} → {after}", difference.field))
}

fn print_queue(plan: &QueuePlan, output: &Output) -> Result<(), Error> {
    print_head(&format!("queue {}", plan.queue), plan.create, plan.changes(), output)?;
    plan.settings.iter().try_for_each(|difference| print_difference("setting", difference, output))
}

fn print_function(plan: &FunctionPlan, output: &Output) -> Result<(), Error> {
    print_head(&format!("function {}", plan.function), plan.create, plan.changes(), output)?;
    if !plan.changes() {
        return Ok(());
    }
    let version = match plan.version {
        VersionPlan::Upload => {
            format!("uploaded from {}, {}", plan.path.display(), figures::bytes(plan.component_bytes))
        }
        VersionPlan::Reconfigure { version } => {
            format!("a new one of v{version}'s component, which is not uploaded again")
        }
        VersionPlan::Keep { version } => format!("v{version}, which is there"),
    };
    let live = plan.live.as_ref().map_or_else(|| "nothing".to_owned(), |live| figures::shares(&live.versions));
    output.line(&format!("    live           {live}"))?;
    output.line(&format!("    version        {version}"))?;
    if let Some(description) = &plan.description {
        output.line(&format!("    description    {description}"))?;
    }
    for difference in &plan.configuration {
        print_difference("configuration", difference, output)?;
    }
    for difference in &plan.secrets {
        print_difference("secret", difference, output)?;
    }
    for added in &plan.triggers_added {
        output.line(&format!("    trigger        {}", output.tinted_line(Tone::Good, &format!("+ {added}"))))?;
    }
    for removed in &plan.triggers_removed {
        output.line(&format!("    trigger        {}", output.tinted_line(Tone::Bad, &format!("- {removed}"))))?;
    }
    if plan.triggers.is_empty() {
        output.line("    triggers       none: it is only called by name")?;
    }
    Ok(())
}

fn shown(value: &Value) -> String {
    if value.is_null() { "nothing".to_owned() } else { value.to_string() }
}

//! `dormouse doctor`: looks for what stands between here and a working call.

use domain::{Ids, Timestamp};
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header;
use serde::Serialize;

use crate::{
    error::{Error, innermost},
    output::{Output, Tone},
    scope::Scope,
};

/// How far two clocks may be apart before tokens and times mislead.
const MAX_SKEW_S: i64 = 30;

/// One thing that was looked at.
#[derive(Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    detail: String,
}

/// Checks that the platform can be reached and used from here; all checks are made before it fails.
pub(crate) async fn run(scope: &Scope<'_>, output: &Output, ids: &Ids) -> Result<(), Error> {
    let mut checks = Vec::new();
    let first_error = examine(scope, ids, &mut checks).await.err();
    if output.json() {
        output.data(&checks)?;
    } else {
        for Check { name, ok, detail } in &checks {
            let mark = if *ok { output.tinted_line(Tone::Good, "ok  ") } else { output.tinted_line(Tone::Bad, "bad ") };
            output.line(&format!("{mark} {name}: {detail}"))?;
        }
    }
    match first_error {
        Some(error) => Err(error),
        None if checks.iter().any(|check| !check.ok) => Err(Error::Failed("not all is well".to_owned())),
        None => Ok(()),
    }
}

/// Goes from the outside in; what a later check needs ends the examination.
async fn examine(scope: &Scope<'_>, ids: &Ids, checks: &mut Vec<Check>) -> Result<(), Error> {
    let client = scope.client();
    let answer = noted(checks, "platform", client.get_openly("/readyz").await)?;
    good(checks, "platform", format!("{} is ready", client.url()));
    let date = answer.headers().get(header::DATE).and_then(|date| date.to_str().ok());
    checks.push(clock(ids.now(), date));
    let openapi = noted(checks, "version", client.get_openly("/api/openapi.json").await)?;
    checks.push(version(openapi.json().await.unwrap_or_default()));
    let whoami: wire::Whoami = noted(checks, "token", client.get("/whoami").await)?;
    good(checks, "token", format!("belongs to {}", whoami.name));
    let project = noted(checks, "project", scope.project().await)?;
    let project: wire::Project = noted(checks, "project", client.get(&format!("/projects/{project}")).await)?;
    good(checks, "project", format!("{} is there", project.name));
    checks.push(match client.probe(&project.url).await {
        Ok(_) => Check { name: "functions", ok: true, detail: format!("{} answers", project.url) },
        Err(error) => {
            let detail = format!(
                "{} does not answer: {}; browsers and curl find names below localhost by themselves, \
                 other programs may need a line in /etc/hosts",
                project.url,
                innermost(&error)
            );
            Check { name: "functions", ok: false, detail }
        }
    });
    Ok(())
}

fn clock(now: Timestamp, date: Option<&str>) -> Check {
    let name = "clock";
    let Some(there) = date.and_then(|date| DateTimeParser::new().parse_timestamp(date).ok()) else {
        return Check { name, ok: false, detail: "the platform did not say its time".to_owned() };
    };
    let skew_s = now.as_us() / 1_000_000 - there.as_second();
    let ok = skew_s.abs() <= MAX_SKEW_S;
    let detail = if ok {
        "agrees with the platform's".to_owned()
    } else {
        format!("is {} s {} the platform's", skew_s.abs(), if skew_s > 0 { "ahead of" } else { "behind" })
    };
    Check { name, ok, detail }
}

fn version(openapi: serde_json::Value) -> Check {
    let (name, ours) = ("version", env!("CARGO_PKG_VERSION"));
    match openapi.pointer("/info/version").and_then(serde_json::Value::as_str) {
        Some(theirs) if theirs == ours => Check { name, ok: true, detail: format!("{ours} here and there") },
        Some(theirs) => {
            Check { name, ok: false, detail: format!("{ours} here, {theirs} there; some verbs may not work") }
        }
        None => Check { name, ok: false, detail: "the platform did not say its version".to_owned() },
    }
}

fn good(checks: &mut Vec<Check>, name: &'static str, detail: String) {
    checks.push(Check { name, ok: true, detail });
}

fn noted<T>(checks: &mut Vec<Check>, name: &'static str, result: Result<T, Error>) -> Result<T, Error> {
    result.inspect_err(|error| checks.push(Check { name, ok: false, detail: error.to_string() }))
}

//! `dormouse versions`.

use clap::Args;
use domain::{Timestamp, VersionNumber};

use crate::{
    error::Error,
    figures,
    output::Output,
    scope::{Scope, Target},
};

/// Lists a function's versions, newest first.
#[derive(Args, Debug)]
pub struct Versions {
    #[command(flatten)]
    target: Target,
    /// How many to list
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
}

impl Versions {
    pub(crate) async fn run(self, scope: &Scope<'_>, output: &Output, now: Timestamp) -> Result<(), Error> {
        let scope = scope.function(&self.target).await?;
        let path = scope.path(&format!("/versions?limit={}", self.limit));
        let page: wire::Page<wire::Version> = scope.client.get(&path).await?;
        if output.json() {
            return output.data(&page);
        }
        let Some(newest) = page.items.first().map(|version| version.number) else {
            output.say("No version yet.");
            output.next(&format!("dormouse deploy {}.wasm", scope.function));
            return Ok(());
        };
        let rows = page.items.iter().map(|version| row(version, now)).collect();
        output.table(&["VERSION", "STATE", "START", "SIZE", "MADE", "BY", "MESSAGE"], rows)?;
        if page.next_cursor.is_some() {
            output.say("There are more; ask for them with --limit.");
        }
        output.next(&format!("dormouse promote v{newest} --function {}", scope.function));
        Ok(())
    }
}

fn row(version: &wire::Version, now: Timestamp) -> Vec<String> {
    let state = match (&version.failure, version.live) {
        (Some(failure), _) => format!("failed ({})", failure.code),
        (None, true) => "live".to_owned(),
        (None, false) => version.state.as_str().to_owned(),
    };
    vec![
        VersionNumber(version.number).to_string(),
        state,
        version.verdict.as_ref().map(|verdict| verdict.start.as_str()).unwrap_or_default().to_owned(),
        figures::bytes(version.component_bytes),
        figures::ago(now, version.created_at_us),
        version.created_by.clone(),
        version.message.clone(),
    ]
}

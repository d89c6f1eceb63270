//! `dormouse deployments`.

use clap::Args;
use domain::Timestamp;

use crate::{
    error::Error,
    figures,
    output::Output,
    scope::{Scope, Target},
};

/// Lists a function's deployments, newest first.
#[derive(Args, Debug)]
pub struct Deployments {
    #[command(flatten)]
    target: Target,
    /// How many to list
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
}

impl Deployments {
    pub(crate) async fn run(self, scope: &Scope<'_>, output: &Output, now: Timestamp) -> Result<(), Error> {
        let scope = scope.function(&self.target).await?;
        let path = scope.path(&format!("/deployments?limit={}", self.limit));
        let page: wire::Page<wire::Deployment> = scope.client.get(&path).await?;
        if output.json() {
            return output.data(&page);
        }
        if page.items.is_empty() {
            output.say("Nothing is deployed yet.");
            output.next(&format!("dormouse versions --function {}", scope.function));
            return Ok(());
        }
        let rows = page.items.iter().map(|deployment| row(deployment, now)).collect();
        output.table(&["DEPLOYMENT", "STATE", "VERSIONS", "MADE", "BY", "MESSAGE"], rows)?;
        if page.next_cursor.is_some() {
            output.say("There are more; ask for them with --limit.");
        }
        if let Some(earlier) = page.items.get(1) {
            output.next(&format!("dormouse rollback {} --function {}", earlier.number, scope.function));
        }
        Ok(())
    }
}

fn row(deployment: &wire::Deployment, now: Timestamp) -> Vec<String> {
    let message = match deployment.rolled_back_to {
        Some(to) if deployment.message.is_empty() => format!("rolled back to {to}"),
        Some(to) => format!("{} (rolled back to {to})", deployment.message),
        None => deployment.message.clone(),
    };
    vec![
        deployment.number.to_string(),
        if deployment.live { "live" } else { "replaced" }.to_owned(),
        figures::shares(&deployment.versions),
        figures::ago(now, deployment.created_at_us),
        deployment.created_by.clone(),
        message,
    ]
}

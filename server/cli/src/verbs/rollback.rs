//! `dormouse rollback`.

use clap::Args;
use domain::Message;

use super::traffic;
use crate::{
    error::Error,
    output::{Output, Tone},
    scope::{FunctionScope, Scope, Target},
};

/// Puts an earlier deployment back, whole.
#[derive(Args, Debug)]
pub struct Rollback {
    /// Number of the deployment to put back; the one before the live one by default
    #[arg(value_name = "DEPLOYMENT")]
    to: Option<u32>,
    #[command(flatten)]
    target: Target,
    /// Why: shown with the new deployment
    #[arg(long, short, default_value = "", hide_default_value = true)]
    message: Message,
}

impl Rollback {
    pub(crate) async fn run(self, scope: &Scope<'_>, output: &Output) -> Result<(), Error> {
        let scope = scope.function(&self.target).await?;
        let to = match self.to {
            Some(to) => Some(to),
            None => before_live(&scope).await?,
        };
        let mut expected_live = None;
        if let Some(to) = to {
            let path = scope.path(&format!("/deployments/{to}/changes"));
            let changes: wire::DeploymentChanges = scope.client.get(&path).await?;
            say_changes(&changes, output);
            expected_live = Some(changes.from);
        }
        let body = wire::RollBack { to, message: self.message.into(), expected_live };
        let deployment: wire::Deployment = scope.client.post(&scope.path("/rollback"), &body).await?;
        if output.json() {
            return output.data(&deployment);
        }
        traffic::say_live(&deployment, output);
        traffic::print_addresses(&deployment, output)?;
        output.next(&format!("dormouse deployments --function {}", scope.function));
        Ok(())
    }
}

/// The number of the deployment before the live one; without one the platform says why it refuses.
async fn before_live(scope: &FunctionScope<'_>) -> Result<Option<u32>, Error> {
    let page: wire::Page<wire::Deployment> = scope.client.get(&scope.path("/deployments?limit=2")).await?;
    Ok(page.items.get(1).map(|deployment| deployment.number))
}

fn say_changes(changes: &wire::DeploymentChanges, output: &Output) {
    output.say(&format!("From deployment {} to what deployment {} was:", changes.from, changes.to));
    let mut same = true;
    for change in changes.changes.iter().filter(|change| change.changed) {
        same = false;
        let shown = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
        let (now, after) = (shown(&change.now), shown(&change.after));
        let field = output.tinted(Tone::Bold, &change.field);
        let (now, after) = (output.tinted(Tone::Dim, &now), output.tinted(Tone::Good, &after));
        output.say(&format!("  {field}: {now} → {after}"));
    }
    if same {
        output.say("  nothing changes");
    }
}

//! `dormouse promote` and `dormouse split`: moves traffic between versions.

use clap::Args;
use domain::{Message, SplitKey, VersionNumber, WeightedVersion};

use crate::{
    error::Error,
    figures,
    output::{Output, Tone},
    scope::{FunctionScope, Scope, Target},
};

/// Sends all traffic of a function to one version.
#[derive(Args, Debug)]
pub struct Promote {
    /// Version that gets all traffic, such as v8
    #[arg(id = "promoted", value_name = "VERSION")]
    version: VersionNumber,
    #[command(flatten)]
    target: Target,
    /// Why: shown with the deployment
    #[arg(long, short, default_value = "", hide_default_value = true)]
    message: Message,
}

/// Divides a function's traffic between two versions.
#[derive(Args, Debug)]
pub struct Split {
    /// Versions with their shares in per cent, such as v7=90 v8=10
    #[arg(value_name = "VERSION=WEIGHT", required = true, num_args = 1..=2, value_parser = parse_share)]
    shares: Vec<WeightedVersion>,
    #[command(flatten)]
    target: Target,
    /// Keep callers with the same value of this request header on one version
    #[arg(long, value_name = "NAME", conflicts_with = "cookie")]
    header: Option<String>,
    /// Keep callers with the same value of this cookie on one version
    #[arg(long, value_name = "NAME")]
    cookie: Option<String>,
    /// Why: shown with the deployment
    #[arg(long, short, default_value = "", hide_default_value = true)]
    message: Message,
}

impl Promote {
    pub(crate) async fn run(self, scope: &Scope<'_>, output: &Output) -> Result<(), Error> {
        let scope = scope.function(&self.target).await?;
        let versions = vec![WeightedVersion { version: self.version, weight: 100 }];
        let deployment = deploy(&scope, moving(versions, self.message), output).await?;
        report(&scope, &deployment, output)
    }
}

impl Split {
    pub(crate) async fn run(self, scope: &Scope<'_>, output: &Output) -> Result<(), Error> {
        domain::Split::try_from(self.shares.clone()).map_err(|invalid| Error::Usage(invalid.to_string()))?;
        let key = self.header.map(SplitKey::Header).or(self.cookie.map(SplitKey::Cookie));
        if let Some(key) = &key {
            key.check().map_err(|invalid| Error::Usage(invalid.to_string()))?;
        }
        let scope = scope.function(&self.target).await?;
        let body = wire::CreateDeployment { split_key: key, ..moving(self.shares, self.message) };
        let deployment = deploy(&scope, body, output).await?;
        report(&scope, &deployment, output)
    }
}

/// A deployment that keeps the live one's triggers.
pub(super) fn moving(versions: Vec<WeightedVersion>, message: Message) -> wire::CreateDeployment {
    let message = message.into();
    wire::CreateDeployment { versions, triggers: None, split_key: None, message, expected_live: None }
}

/// Appends `deployment`, and says so.
pub(super) async fn deploy(
    scope: &FunctionScope<'_>,
    deployment: wire::CreateDeployment,
    output: &Output,
) -> Result<wire::Deployment, Error> {
    let deployment: wire::Deployment = scope.client.post(&scope.path("/deployments"), &deployment).await?;
    say_live(&deployment, output);
    Ok(deployment)
}

/// Says which deployment is live now.
pub(super) fn say_live(deployment: &wire::Deployment, output: &Output) {
    let live = output.tinted(Tone::Good, "live");
    output.say(&format!("Deployment {} is {live}: {}", deployment.number, figures::shares(&deployment.versions)));
}

/// Prints where the function answers, one address a line.
pub(super) fn print_addresses(deployment: &wire::Deployment, output: &Output) -> Result<(), Error> {
    deployment.urls.iter().try_for_each(|url| output.line(url))
}

fn report(scope: &FunctionScope<'_>, deployment: &wire::Deployment, output: &Output) -> Result<(), Error> {
    if output.json() {
        return output.data(deployment);
    }
    print_addresses(deployment, output)?;
    output.next(&format!("dormouse rollback --function {}", scope.function));
    Ok(())
}

fn parse_share(text: &str) -> Result<WeightedVersion, String> {
    let wrong = || "write a version and its share, such as v7=90".to_owned();
    let (version, weight) = text.split_once('=').ok_or_else(wrong)?;
    let version = version.parse().map_err(|invalid: domain::Invalid| invalid.to_string())?;
    Ok(WeightedVersion { version, weight: weight.trim_end_matches('%').parse().map_err(|_| wrong())? })
}

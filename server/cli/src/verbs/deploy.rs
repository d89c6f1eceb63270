//! `dormouse deploy`.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use domain::{FunctionName, Message, VersionNumber, WeightedVersion};
use serde::Serialize;

use super::traffic;
use crate::{
    configuration::Configured,
    error::Error,
    figures,
    output::Output,
    scope::{FunctionScope, Scope},
    upload::{self, Component, Upload},
};

/// Uploads a component as a new version of a function and sends its traffic there.
#[derive(Args, Debug)]
pub struct Deploy {
    /// Component to upload: a .wasm file
    #[arg(value_name = "COMPONENT")]
    component: PathBuf,
    /// Function to deploy, created where it is absent; the file's name by default
    #[arg(long, short)]
    function: Option<FunctionName>,
    /// Why: shown with the version and the deployment
    #[arg(long, short, default_value = "", hide_default_value = true)]
    message: Message,
    /// Upload only; traffic stays where it is
    #[arg(long, conflicts_with = "weight")]
    no_promote: bool,
    /// Share of the traffic in per cent for the new version; the live one keeps the rest
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u8).range(1..=100))]
    weight: u8,
    /// Seconds to wait until the version is prepared
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    wait: u64,
    #[command(flatten)]
    configured: Configured,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Deployed {
    version: wire::Version,
    deployment: Option<wire::Deployment>,
}

impl Deploy {
    pub(crate) async fn run(self, scope: &Scope<'_>, output: &Output) -> Result<(), Error> {
        let component = Component::read(&self.component).await?;
        let function = match self.function {
            Some(function) => function.to_string(),
            None => name_of(&self.component)?,
        };
        let scope = FunctionScope { client: scope.client(), project: scope.project().await?, function };
        let existing = find(&scope).await?;
        let rest = self.weight < 100;
        let live = existing.as_ref().and_then(|function| function.live.as_ref());
        let beside = if rest { Some(only_live_version(live)?) } else { None };
        let expected_live = live.filter(|_| rest).map(|live| live.number);
        let configuration = self.configured.read(&scope).await?;
        let upload = Upload { configuration, message: &self.message, create: existing.is_none() };
        let version = component.upload(&scope, upload, output).await?;
        let version = upload::verdict(&scope, version, Duration::from_secs(self.wait), output).await?;
        let number = VersionNumber(version.number);
        let deployment = if self.no_promote {
            None
        } else {
            let mut versions = vec![WeightedVersion { version: number, weight: self.weight }];
            if let Some(live) = beside {
                versions.insert(0, WeightedVersion { version: live, weight: 100 - self.weight });
            }
            let body = wire::CreateDeployment { expected_live, ..traffic::moving(versions, self.message) };
            Some(traffic::deploy(&scope, body, output).await?)
        };
        report(&scope, Deployed { version, deployment }, output)
    }
}

fn report(scope: &FunctionScope<'_>, deployed: Deployed, output: &Output) -> Result<(), Error> {
    if output.json() {
        return output.data(&deployed);
    }
    let function = &scope.function;
    let Some(deployment) = deployed.deployment else {
        output.say("Traffic stays where it is. Try the version at");
        output.line(&deployed.version.preview_url)?;
        output.next(&format!("dormouse promote v{} --function {function}", deployed.version.number));
        return Ok(());
    };
    traffic::print_addresses(&deployment, output)?;
    let next = match deployment.versions.as_slice() {
        [_, new] => format!("dormouse promote {} --function {function}", new.version),
        _ if deployment.number > 1 => format!("dormouse rollback --function {function}"),
        _ => format!("dormouse invoke --function {function} GET /{function}/"),
    };
    output.next(&next);
    Ok(())
}

/// The function, where it exists.
async fn find(scope: &FunctionScope<'_>) -> Result<Option<wire::Function>, Error> {
    match scope.client.get(&scope.path("")).await {
        Ok(function) => Ok(Some(function)),
        Err(Error::Problem(problem)) if problem.status == 404 => Ok(None),
        Err(other) => Err(other),
    }
}

/// The version that all traffic goes to, which a share can be taken from.
fn only_live_version(live: Option<&wire::Deployment>) -> Result<VersionNumber, Error> {
    match live.map(|live| live.versions.as_slice()) {
        Some([only]) => Ok(only.version),
        Some(several) => {
            let shares = figures::shares(several);
            Err(Error::Usage(format!(
                "the traffic is divided already ({shares}); upload with --no-promote, then use `dormouse split`"
            )))
        }
        None => Err(Error::Usage("nothing is deployed that could keep the rest; leave --weight out".to_owned())),
    }
}

/// The function's name where none was given: that of the file.
fn name_of(component: &Path) -> Result<String, Error> {
    let stem = component.file_stem().map(|stem| stem.to_string_lossy().replace('_', "-")).unwrap_or_default();
    let name: FunctionName = stem
        .parse()
        .map_err(|invalid| Error::Usage(format!("name the function with --function; the file's {invalid}")))?;
    Ok(name.to_string())
}

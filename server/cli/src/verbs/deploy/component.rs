//! Deploys one component.

use std::path::Path;

use domain::{FunctionName, VersionNumber};
use serde::Serialize;

use super::{super::traffic, Rollout};
use crate::{
    configuration::Configured,
    error::Error,
    output::Output,
    scope::{FunctionScope, Scope},
    upload::{self, Component, Upload},
};

/// What `--json` prints.
#[derive(Serialize)]
struct Deployed {
    version: wire::Version,
    deployment: Option<wire::Deployment>,
}

/// Uploads the component at `path` and moves traffic as `rollout` says.
pub(super) async fn deploy(
    path: &Path,
    function: Option<FunctionName>,
    configured: Configured,
    rollout: Rollout,
    scope: &Scope<'_>,
    output: &Output,
) -> Result<(), Error> {
    let component = Component::read(path).await?;
    let function = match function {
        Some(function) => function.to_string(),
        None => name_of(path)?,
    };
    let scope = FunctionScope { client: scope.client(), project: scope.project().await?, function };
    let existing = scope.find().await?;
    let live = existing.as_ref().and_then(|function| function.live.as_ref());
    let beside = rollout.beside(live)?;
    let expected_live = live.filter(|_| beside.is_some()).map(|live| live.number);
    let configuration = configured.read(&scope).await?;
    let upload = Upload { configuration, message: &rollout.message, create: existing.is_none() };
    let version = component.upload(&scope, upload, output).await?;
    let version = upload::verdict(&scope, version, rollout.patience, output).await?;
    let deployment = if rollout.no_promote {
        None
    } else {
        let versions = rollout.shares(VersionNumber(version.number), beside);
        let body = wire::CreateDeployment { expected_live, ..traffic::moving(versions, rollout.message) };
        Some(traffic::deploy(&scope, body, output).await?)
    };
    report(&scope, Deployed { version, deployment }, output)
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

/// The function's name where none was given: that of the file.
fn name_of(component: &Path) -> Result<String, Error> {
    let stem = component.file_stem().map(|stem| stem.to_string_lossy().replace('_', "-")).unwrap_or_default();
    let name: FunctionName = stem
        .parse()
        .map_err(|invalid| Error::Usage(format!("name the function with --function; the file's {invalid}")))?;
    Ok(name.to_string())
}

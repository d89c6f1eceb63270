//! Deploys what a manifest says: first every version, then, once all are ready, the traffic.

use domain::{FunctionName, Message, VersionNumber};
use serde::Serialize;

use super::{super::traffic, FromManifest, Rollout};
use crate::{
    build,
    error::Error,
    manifest::ManifestFile,
    output::{Output, Tone},
    plan::{self, FunctionPlan, Plan, QueuePlan, VersionPlan},
    scope::{FunctionScope, Scope},
    upload::{self, Component, Upload},
};

/// What `--json` prints.
#[derive(Serialize)]
struct Deployed {
    project: String,
    queues: Vec<QueuePlan>,
    functions: Vec<DeployedFunction>,
}

/// What became of one function.
#[derive(Serialize)]
struct DeployedFunction {
    function: String,
    /// The version that the manifest asks for; absent where the function stays as it is.
    version: Option<wire::Version>,
    deployment: Option<wire::Deployment>,
}

/// Makes the platform what the manifest says, for all of its functions or `only` one.
pub(super) async fn deploy(
    from: FromManifest,
    only: Option<&FunctionName>,
    rollout: Rollout,
    scope: &Scope<'_>,
    output: &Output,
) -> Result<(), Error> {
    let file = ManifestFile::read(from.manifest.as_deref()).await?;
    if from.build {
        build::run(&file, only, output).await?;
    }
    let plan = Plan::make(&file, scope, only).await?;
    if from.plan {
        return show(&plan, output);
    }
    let Plan { project, queues, functions } = plan;
    plan::apply_queues(&queues, scope.client(), &project).await?;
    for queue in queues.iter().filter(|queue| queue.changes()) {
        let name = output.tinted(Tone::Bold, queue.queue.as_str());
        output.say(&format!("queue {name} {}", if queue.create { "is created" } else { "is changed" }));
    }
    let mut prepared = Vec::new();
    for function in functions {
        let scope =
            FunctionScope { client: scope.client(), project: project.clone(), function: function.function.to_string() };
        rollout.beside(function.live.as_ref().filter(|_| function.deploy))?;
        let version = if function.changes() { Some(prepare(&function, &scope, &rollout, output).await?) } else { None };
        prepared.push((scope, function, version));
    }
    let mut deployed = Vec::new();
    for (scope, function, version) in prepared {
        let deployment = match &version {
            Some(version) if function.deploy && !rollout.no_promote => {
                Some(promote(&function, version, &scope, &rollout, output).await?)
            }
            Some(version) if function.deploy => {
                output.say(&format!("v{} of {} waits; traffic stays where it is", version.number, function.function));
                None
            }
            _ => {
                output.say(&format!("{} is what the manifest says", function.function));
                None
            }
        };
        deployed.push(DeployedFunction { function: scope.function, version, deployment });
    }
    report(Deployed { project, queues, functions: deployed }, output)
}

fn show(plan: &Plan, output: &Output) -> Result<(), Error> {
    if output.json() {
        return output.data(plan);
    }
    plan::print(plan, output)?;
    if plan.changes() {
        output.next("dormouse deploy");
    } else {
        output.say("Nothing would change.");
    }
    Ok(())
}

/// Has the version made that the manifest asks for, and waits until it is ready.
async fn prepare(
    plan: &FunctionPlan,
    scope: &FunctionScope<'_>,
    rollout: &Rollout,
    output: &Output,
) -> Result<wire::Version, Error> {
    let name = output.tinted(Tone::Bold, plan.function.as_str());
    if plan.create
        && let Some(description) = &plan.description
    {
        let body = wire::CreateFunction { name: plan.function.to_string(), description: description.clone() };
        let _: wire::Function = scope.client.post(&format!("/projects/{}/functions", scope.project), &body).await?;
    } else if let Some(description) = &plan.description {
        let body = wire::UpdateFunction { description: description.clone() };
        let _: wire::Function = scope.client.patch(&scope.path(""), &body).await?;
    }
    let configuration = plan.wanted.clone();
    let version = match plan.version {
        VersionPlan::Keep { version } => {
            output.say(&format!("{name}: v{version} is what the manifest asks for; nothing is uploaded"));
            scope.client.get(&scope.path(&format!("/versions/{version}"))).await?
        }
        VersionPlan::Reconfigure { version } => {
            output.say(&format!("{name}: the component of v{version} gets another configuration; nothing is uploaded"));
            let path = scope.path(&format!("/versions/{version}/reconfigure"));
            let message = Message::clone(&rollout.message).into();
            scope.client.post(&path, &wire::ReconfigureVersion { configuration, message }).await?
        }
        VersionPlan::Upload => {
            output.say(&format!("{name}:"));
            let upload = Upload { configuration: Some(configuration), message: &rollout.message, create: plan.create };
            Component::read(&plan.path).await?.upload(scope, upload, output).await?
        }
    };
    upload::verdict(scope, version, rollout.patience, output).await
}

/// Sends traffic to `version`, with the manifest's whole set of triggers.
async fn promote(
    plan: &FunctionPlan,
    version: &wire::Version,
    scope: &FunctionScope<'_>,
    rollout: &Rollout,
    output: &Output,
) -> Result<wire::Deployment, Error> {
    let versions = rollout.shares(VersionNumber(version.number), rollout.beside(plan.live.as_ref())?);
    let body = wire::CreateDeployment {
        expected_live: Some(plan.live.as_ref().map_or(0, |live| live.number)),
        triggers: Some(plan.triggers.clone()),
        ..traffic::moving(versions, rollout.message.clone())
    };
    output.say(&format!("{}:", output.tinted(Tone::Bold, &scope.function)));
    traffic::deploy(scope, body, output).await
}

fn report(deployed: Deployed, output: &Output) -> Result<(), Error> {
    if output.json() {
        return output.data(&deployed);
    }
    for deployment in deployed.functions.iter().filter_map(|function| function.deployment.as_ref()) {
        traffic::print_addresses(deployment, output)?;
    }
    let moved = deployed.functions.iter().find(|function| function.deployment.is_some());
    let waits = deployed.functions.iter().find_map(|one| Some((&one.function, one.version.as_ref()?.number)));
    match (moved, waits) {
        (Some(moved), _) => output.next(&format!("dormouse deployments --function {}", moved.function)),
        (None, Some((function, number))) => output.next(&format!("dormouse promote v{number} --function {function}")),
        (None, None) => {}
    }
    Ok(())
}

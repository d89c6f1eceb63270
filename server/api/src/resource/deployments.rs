//! Deployments: moving a function's traffic, and putting an earlier state back.

use axum::{
    Json as Answer,
    extract::State,
    response::{IntoResponse, Response},
};
use control::{Change, Changes, Control, Deployment, NewDeployment, RollBack};
use domain::ProjectName;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Created, message, page};
use crate::{
    Shared,
    extract::{Authenticated, DeploymentPath, DeploymentRef, FunctionPath, Json, OptionalJson, Paging, Part},
    problem::Problem,
};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, deploy))
        .routes(routes!(find))
        .routes(routes!(changes))
        .routes(routes!(roll_back))
}

/// Lists the deployments of a function, newest first.
#[utoipa::path(
    get, path = "/projects/{project}/functions/{function}/deployments",
    tag = "deployments", operation_id = "list_deployments",
    params(FunctionPath, Paging),
    responses((status = 200, description = "The deployments", body = wire::Page<wire::Deployment>)),
)]
async fn list(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: FunctionPath,
    Part(query): Part,
) -> Result<Answer<wire::Page<wire::Deployment>>, Problem> {
    let deployments = control.list_deployments(&caller, &path.project, &path.function, &query).await?;
    Ok(page(deployments, |deployment| present(&control, &path.project, deployment)))
}

/// Moves traffic: appends a deployment and makes it live.
///
/// When the answer comes, every new request sees it. Deploy, promote and split are all this.
#[utoipa::path(
    post, path = "/projects/{project}/functions/{function}/deployments",
    tag = "deployments", operation_id = "deploy",
    params(FunctionPath),
    request_body = wire::CreateDeployment,
    responses(
        (
            status = 201, description = "The deployment, live", body = wire::Deployment,
            headers(("location" = String, description = "Where it is")),
        ),
        (status = 409, description = "`version-not-ready`; `missing-handler`, which names the export that a trigger needs; `route-conflict`, which names the other function; or `too-many-provisioned`: the project would keep more instances ready than it may run at once"),
        (status = 412, description = "`precondition-failed`: another deployment is live than `expected_live`"),
    ),
)]
async fn deploy(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: FunctionPath,
    Json(body): Json<wire::CreateDeployment>,
) -> Result<Response, Problem> {
    let new = NewDeployment {
        versions: body.versions,
        triggers: body.triggers,
        split_key: body.split_key,
        message: message(body.message)?,
        expected_live: body.expected_live,
    };
    let deployment = control.deploy(&caller, &path.project, &path.function, new).await?;
    Ok(created(&control, &path, deployment))
}

/// Reads a deployment.
///
/// `live` stands for the one that decides the traffic now.
#[utoipa::path(
    get, path = "/projects/{project}/functions/{function}/deployments/{number}",
    tag = "deployments", operation_id = "find_deployment",
    params(DeploymentPath),
    responses((status = 200, description = "The deployment", body = wire::Deployment)),
)]
async fn find(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: DeploymentPath,
) -> Result<Answer<wire::Deployment>, Problem> {
    let number = match path.number {
        DeploymentRef::Live => None,
        DeploymentRef::Number(number) => Some(number),
    };
    let deployment = control.find_deployment(&caller, &path.project, &path.function, number).await?;
    Ok(Answer(present(&control, &path.project, deployment)))
}

/// Tells what moving from the live deployment to another one would change.
#[utoipa::path(
    get, path = "/projects/{project}/functions/{function}/deployments/{number}/changes",
    tag = "deployments", operation_id = "deployment_changes",
    params(DeploymentPath),
    responses((status = 200, description = "Every field now and after", body = wire::DeploymentChanges)),
)]
async fn changes(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: DeploymentPath,
) -> Result<Answer<wire::DeploymentChanges>, Problem> {
    let number = match path.number {
        DeploymentRef::Live => control.find_deployment(&caller, &path.project, &path.function, None).await?.number,
        DeploymentRef::Number(number) => number,
    };
    let Changes { from, to, changes } =
        control.deployment_changes(&caller, &path.project, &path.function, number).await?;
    let present = |change: Change| wire::Change {
        changed: change.changed(),
        field: change.field,
        now: change.now,
        after: change.after,
    };
    Ok(Answer(wire::DeploymentChanges { from, to, changes: changes.into_iter().map(present).collect() }))
}

/// Puts an earlier deployment back, whole.
///
/// A rollback is a new deployment that copies versions, weights, triggers and split key of an earlier
/// one. Without a body it takes the one before the live one.
#[utoipa::path(
    post, path = "/projects/{project}/functions/{function}/rollback",
    tag = "deployments", operation_id = "roll_back",
    params(FunctionPath),
    request_body = Option<wire::RollBack>,
    responses(
        (
            status = 201, description = "The deployment, live", body = wire::Deployment,
            headers(("location" = String, description = "Where it is")),
        ),
        (status = 409, description = "`nothing-to-roll-back-to`; `missing-handler`; or `route-conflict`, which names the other function"),
        (status = 412, description = "`precondition-failed`: another deployment is live than `expected_live`"),
    ),
)]
async fn roll_back(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: FunctionPath,
    OptionalJson(body): OptionalJson<wire::RollBack>,
) -> Result<Response, Problem> {
    let to = RollBack { to: body.to, message: message(body.message)?, expected_live: body.expected_live };
    let deployment = control.roll_back(&caller, &path.project, &path.function, to).await?;
    Ok(created(&control, &path, deployment))
}

fn created(control: &Control, path: &FunctionPath, deployment: Deployment) -> Response {
    let location = format!("/projects/{}/functions/{}/deployments/{}", path.project, path.function, deployment.number);
    Created(location, present(control, &path.project, deployment)).into_response()
}

/// A deployment as HTTP carries it.
pub(super) fn present(control: &Control, project: &ProjectName, deployment: Deployment) -> wire::Deployment {
    wire::Deployment {
        id: deployment.id.to_string(),
        number: deployment.number,
        versions: deployment.spec.split.into(),
        split_key: deployment.spec.split_key,
        urls: control.addresses().triggers(project, &deployment.spec.triggers),
        triggers: deployment.spec.triggers,
        secrets: deployment.spec.secrets.into_iter().map(|(name, version)| (name.into(), version)).collect(),
        message: deployment.message.into(),
        created_by: deployment.created_by,
        created_at_us: deployment.created_at,
        replaced_at_us: deployment.replaced_at,
        rolled_back_to: deployment.rolled_back_to,
        live: deployment.live,
    }
}

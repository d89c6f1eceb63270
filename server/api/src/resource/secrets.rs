//! Secrets of projects: values go in and never come out.

use axum::{Json as Answer, extract::State, http::StatusCode, response::IntoResponse};
use control::{Control, Secret, SecretVersion};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page;
use crate::{
    Shared,
    extract::{Authenticated, Json, Paging, Part, ProjectPath, SecretPath},
    problem::Problem,
};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(set, delete))
}

/// Lists the secrets of a project by name, without their values.
#[utoipa::path(
    get, path = "/projects/{project}/secrets", tag = "secrets", operation_id = "list_secrets",
    params(ProjectPath, Paging),
    responses((status = 200, description = "The secrets", body = wire::Page<wire::Secret>)),
)]
async fn list(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ProjectPath,
    Part(query): Part,
) -> Result<Answer<wire::Page<wire::Secret>>, Problem> {
    Ok(page(control.list_secrets(&caller, &path.project, &query).await?, present))
}

/// Writes a new version of a secret.
///
/// Deployments that are made from now on read it; live ones go on with the version that they were made with.
#[utoipa::path(
    put, path = "/projects/{project}/secrets/{secret}", tag = "secrets", operation_id = "set_secret",
    params(SecretPath),
    request_body = wire::SetSecret,
    responses(
        (status = 201, description = "The version", body = wire::SecretVersion),
        (status = 409, description = "`too-many-secrets`: a project has at most 200"),
    ),
)]
async fn set(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: SecretPath,
    Json(body): Json<wire::SetSecret>,
) -> Result<impl IntoResponse, Problem> {
    let version = control.set_secret(&caller, &path.project, path.secret, body.value.into()).await?;
    Ok((StatusCode::CREATED, Answer(present_version(version))))
}

/// Deletes a secret with all of its versions.
#[utoipa::path(
    delete, path = "/projects/{project}/secrets/{secret}", tag = "secrets", operation_id = "delete_secret",
    params(SecretPath),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "`secret-in-use`: a live deployment reads it, and the function is named"),
    ),
)]
async fn delete(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: SecretPath,
) -> Result<StatusCode, Problem> {
    control.delete_secret(&caller, &path.project, path.secret).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn present(secret: Secret) -> wire::Secret {
    let bound = secret.bound.into_iter();
    wire::Secret {
        name: secret.name.into(),
        versions: secret.versions.into_iter().map(present_version).collect(),
        bound: bound.map(|(function, version)| wire::SecretBinding { function: function.into(), version }).collect(),
    }
}

fn present_version(version: SecretVersion) -> wire::SecretVersion {
    wire::SecretVersion {
        id: version.id.to_string(),
        version: version.version,
        created_by: version.created_by,
        created_at_us: version.created_at,
    }
}

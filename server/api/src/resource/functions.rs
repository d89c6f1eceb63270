//! Functions.

use axum::{
    Json as Answer,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use control::{Control, Function};
use domain::ProjectName;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Created, deployments, page, tagged};
use crate::{
    Shared,
    extract::{Authenticated, FunctionPath, IfMatch, Json, Paging, Part, ProjectPath},
    problem::Problem,
};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(find, update, delete))
}

/// Lists the functions of a project, newest first.
#[utoipa::path(
    get, path = "/projects/{project}/functions", tag = "functions", operation_id = "list_functions",
    params(ProjectPath, Paging),
    responses((status = 200, description = "The functions", body = wire::Page<wire::Function>)),
)]
async fn list(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ProjectPath,
    Part(query): Part,
) -> Result<Answer<wire::Page<wire::Function>>, Problem> {
    let functions = control.list_functions(&caller, &path.project, &query).await?;
    Ok(page(functions, |function| present(&control, &path.project, function)))
}

/// Creates a function.
#[utoipa::path(
    post, path = "/projects/{project}/functions", tag = "functions", operation_id = "create_function",
    params(ProjectPath),
    request_body = wire::CreateFunction,
    responses(
        (
            status = 201, description = "The function", body = wire::Function,
            headers(("location" = String, description = "Where it is")),
        ),
        (status = 409, description = "`name-taken`"),
    ),
)]
async fn create(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ProjectPath,
    Json(body): Json<wire::CreateFunction>,
) -> Result<Response, Problem> {
    let description = body.description.try_into().map_err(in_description)?;
    let function = control.create_function(&caller, &path.project, body.name.try_into()?, description).await?;
    let location = format!("/projects/{}/functions/{}", path.project, function.name);
    Ok(Created(location, present(&control, &path.project, function)).into_response())
}

/// Reads a function.
///
/// The ETag names its state; send it in `If-Match` to change only what you have seen.
#[utoipa::path(
    get, path = "/projects/{project}/functions/{function}", tag = "functions", operation_id = "find_function",
    params(FunctionPath),
    responses((status = 200, description = "The function", body = wire::Function)),
)]
async fn find(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: FunctionPath,
) -> Result<Response, Problem> {
    let function = control.find_function(&caller, &path.project, &path.function).await?;
    Ok(tagged(function.revision, present(&control, &path.project, function)))
}

/// Changes a function's description.
#[utoipa::path(
    patch, path = "/projects/{project}/functions/{function}", tag = "functions", operation_id = "update_function",
    params(FunctionPath, IfMatch),
    request_body = wire::UpdateFunction,
    responses(
        (status = 200, description = "The function", body = wire::Function),
        (status = 412, description = "`precondition-failed`: it changed in the meantime"),
    ),
)]
async fn update(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: FunctionPath,
    IfMatch(expected): IfMatch,
    Json(body): Json<wire::UpdateFunction>,
) -> Result<Response, Problem> {
    let description = body.description.try_into().map_err(in_description)?;
    let function = control.update_function(&caller, &path.project, &path.function, description, expected).await?;
    Ok(tagged(function.revision, present(&control, &path.project, function)))
}

/// Deletes a function with all of its versions and deployments.
///
/// Its routes are gone at once.
#[utoipa::path(
    delete, path = "/projects/{project}/functions/{function}", tag = "functions", operation_id = "delete_function",
    params(FunctionPath, IfMatch),
    responses(
        (status = 204, description = "It is gone"),
        (status = 412, description = "`precondition-failed`: it changed in the meantime"),
    ),
)]
async fn delete(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: FunctionPath,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Problem> {
    control.delete_function(&caller, &path.project, &path.function, expected).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn present(control: &Control, project: &ProjectName, function: Function) -> wire::Function {
    wire::Function {
        id: function.id.to_string(),
        name: function.name.into(),
        description: function.description.into(),
        created_at_us: function.created_at,
        latest_version: function.latest_version.map(|version| version.0),
        live: function.live.map(|live| deployments::present(control, project, live)),
    }
}

/// A description keeps the bounds of a message, under its own name.
fn in_description(mut invalid: domain::Invalid) -> domain::Invalid {
    invalid.field = "description".to_owned();
    invalid
}

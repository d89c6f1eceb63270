//! Projects.

use axum::{
    Json as Answer,
    extract::State,
    response::{IntoResponse, Response},
};
use control::{Control, Project};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Created, page, tagged};
use crate::{
    Shared,
    extract::{Authenticated, IfMatch, Json, Paging, Part, ProjectPath},
    problem::Problem,
};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(find, update))
}

/// Lists the projects that the caller sees, by name.
#[utoipa::path(
    get, path = "/projects", tag = "projects", operation_id = "list_projects",
    params(Paging),
    responses((status = 200, description = "The projects", body = wire::Page<wire::Project>)),
)]
async fn list(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    Part(query): Part,
) -> Result<Answer<wire::Page<wire::Project>>, Problem> {
    let projects = control.list_projects(&caller, &query)?;
    Ok(page(projects, |project| present(&control, project)))
}

/// Creates a project that the caller owns.
///
/// Only people create projects; a token belongs to one.
#[utoipa::path(
    post, path = "/projects", tag = "projects", operation_id = "create_project",
    request_body = wire::CreateProject,
    responses(
        (
            status = 201, description = "The project", body = wire::Project,
            headers(("location" = String, description = "Where it is")),
        ),
        (status = 409, description = "`name-taken`; or `too-many-projects`"),
    ),
)]
async fn create(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    Json(body): Json<wire::CreateProject>,
) -> Result<Response, Problem> {
    let project = control.create_project(&caller, body.name.try_into()?).await?;
    Ok(Created(format!("/projects/{}", project.name), present(&control, project)).into_response())
}

/// Reads a project.
///
/// The ETag names its state; send it in `If-Match` to change only what you have seen.
#[utoipa::path(
    get, path = "/projects/{project}", tag = "projects", operation_id = "find_project",
    params(ProjectPath),
    responses((status = 200, description = "The project", body = wire::Project)),
)]
async fn find(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ProjectPath,
) -> Result<Response, Problem> {
    let project = control.find_project(&caller, &path.project)?;
    Ok(tagged(project.revision, present(&control, project)))
}

/// Changes a project's ceiling: the most that its versions' limits may be.
///
/// A figure that is left out stays what it is. Versions keep the limits that they were taken with, so that what
/// ran before still runs and can be rolled back to; `project_concurrency` takes effect at once.
#[utoipa::path(
    patch, path = "/projects/{project}", tag = "projects", operation_id = "update_project",
    params(ProjectPath, IfMatch),
    request_body = wire::UpdateProject,
    responses(
        (status = 200, description = "The project", body = wire::Project),
        (status = 412, description = "`precondition-failed`: it changed in the meantime"),
    ),
)]
async fn update(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ProjectPath,
    IfMatch(expected): IfMatch,
    Json(body): Json<wire::UpdateProject>,
) -> Result<Response, Problem> {
    let project = control.update_project(&caller, &path.project, body.ceiling, expected).await?;
    Ok(tagged(project.revision, present(&control, project)))
}

fn present(control: &Control, project: Project) -> wire::Project {
    wire::Project {
        url: control.addresses().project(&project.name),
        id: project.id.to_string(),
        name: project.name.into(),
        role: project.role,
        created_at_us: project.created_at,
        ceiling: project.ceiling,
    }
}

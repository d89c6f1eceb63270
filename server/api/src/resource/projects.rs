//! Projects.

use axum::{
    Json as Answer,
    extract::State,
    response::{IntoResponse, Response},
};
use control::{Control, Project};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Created, page};
use crate::{
    Shared,
    extract::{Authenticated, Json, Paging, Part, ProjectPath},
    problem::Problem,
};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(find))
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
#[utoipa::path(
    get, path = "/projects/{project}", tag = "projects", operation_id = "find_project",
    params(ProjectPath),
    responses((status = 200, description = "The project", body = wire::Project)),
)]
async fn find(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ProjectPath,
) -> Result<Answer<wire::Project>, Problem> {
    let project = control.find_project(&caller, &path.project)?;
    Ok(Answer(present(&control, project)))
}

fn present(control: &Control, project: Project) -> wire::Project {
    wire::Project {
        url: control.addresses().project(&project.name),
        id: project.id.to_string(),
        name: project.name.into(),
        role: project.role,
        created_at_us: project.created_at,
    }
}

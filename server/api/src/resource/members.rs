//! The people of a project.

use axum::{
    Extension, Json as Answer,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use control::{Added, Control, ExposeSecret, Member};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page;
use crate::{
    Shared,
    extract::{Authenticated, Json, MemberPath, Paging, Part, ProjectPath},
    layer::idempotency::ShowsSecret,
    problem::Problem,
};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(change, remove))
}

/// Lists the members of a project, longest first.
#[utoipa::path(
    get, path = "/projects/{project}/members", tag = "members", operation_id = "list_members",
    params(ProjectPath, Paging),
    responses((status = 200, description = "The members", body = wire::Page<wire::Member>)),
)]
async fn list(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ProjectPath,
    Part(query): Part,
) -> Result<Answer<wire::Page<wire::Member>>, Problem> {
    let members = control.list_members(&caller, &path.project, &query).await?;
    Ok(page(members, present))
}

/// Lets a person into a project.
///
/// A person who has an account joins at once. Anyone else joins by the link in the answer, which is
/// shown this once.
#[utoipa::path(
    post, path = "/projects/{project}/members", tag = "members", operation_id = "add_member",
    params(ProjectPath),
    request_body = wire::AddMember,
    responses(
        (status = 201, description = "They joined, or the link that lets them", body = wire::Invitation),
        (status = 409, description = "`already-member`; or `secret-shown-once`"),
    ),
)]
async fn add(
    Authenticated(caller): Authenticated,
    State(shared): State<Shared>,
    path: ProjectPath,
    Json(body): Json<wire::AddMember>,
) -> Result<Response, Problem> {
    let added = shared.control.add_member(&caller, &path.project, body.email.try_into()?, body.role).await?;
    let invitation = match added {
        Added::Joined => wire::Invitation { link: None, expires_at_us: None },
        Added::Invited { token, expires_at } => wire::Invitation {
            link: Some(format!("{}/join?token={}", shared.config.public_url, token.expose_secret())),
            expires_at_us: Some(expires_at),
        },
    };
    Ok((StatusCode::CREATED, Extension(ShowsSecret), Answer(invitation)).into_response())
}

/// Changes what a member is.
#[utoipa::path(
    patch, path = "/projects/{project}/members/{id}", tag = "members", operation_id = "change_member",
    params(MemberPath),
    request_body = wire::ChangeMember,
    responses(
        (status = 200, description = "The member", body = wire::Member),
        (status = 409, description = "`last-owner`: a project keeps one owner"),
    ),
)]
async fn change(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: MemberPath,
    Json(body): Json<wire::ChangeMember>,
) -> Result<Answer<wire::Member>, Problem> {
    let member = control.change_member(&caller, &path.project, path.id, body.role).await?;
    Ok(Answer(present(member)))
}

/// Removes a member.
///
/// Each member may remove themselves.
#[utoipa::path(
    delete, path = "/projects/{project}/members/{id}", tag = "members", operation_id = "remove_member",
    params(MemberPath),
    responses(
        (status = 204, description = "They are a member no more"),
        (status = 409, description = "`last-owner`: a project keeps one owner"),
    ),
)]
async fn remove(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: MemberPath,
) -> Result<StatusCode, Problem> {
    control.remove_member(&caller, &path.project, path.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn present(member: Member) -> wire::Member {
    wire::Member {
        id: member.id.to_string(),
        email: member.email.into(),
        name: member.name.into(),
        role: member.role,
        created_at_us: member.created_at,
    }
}

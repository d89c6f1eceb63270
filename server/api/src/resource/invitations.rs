//! Links that let one person in, once; the set-up link is the first of them.

use axum::{
    Json as Answer,
    extract::{Path, State},
    response::Response,
};
use control::{Accept, Control, SecretString};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::session;
use crate::{
    Shared,
    extract::{Json, SameOrigin},
    problem::Problem,
};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(set_up)).routes(routes!(find)).routes(routes!(accept))
}

/// Whether the platform still waits for its first owner.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SetUp {
    /// Whether the set-up link that the server printed can still be used.
    open: bool,
}

/// Tells whether the platform still waits for its first owner.
#[utoipa::path(
    get, path = "/set-up", tag = "access", operation_id = "set_up", security(()),
    responses((status = 200, description = "Whether it waits", body = SetUp)),
)]
async fn set_up(State(control): State<Control>) -> Result<Answer<SetUp>, Problem> {
    Ok(Answer(SetUp { open: control.set_up_open().await? }))
}

/// Shows what an invitation leads to, before it is accepted.
#[utoipa::path(
    get, path = "/invitations/{token}", tag = "access", operation_id = "find_invitation", security(()),
    params(("token" = String, Path, description = "The secret of the link: 64 hexadecimal digits")),
    responses((status = 200, description = "What it leads to", body = wire::InvitationPreview)),
)]
async fn find(
    State(control): State<Control>,
    Path(token): Path<String>,
) -> Result<Answer<wire::InvitationPreview>, Problem> {
    let preview = control.preview_invitation(&SecretString::from(token)).await?;
    Ok(Answer(wire::InvitationPreview {
        set_up: preview.is_set_up(),
        email: preview.email.map(Into::into),
        project: preview.project.map(Into::into),
        role: preview.role,
        expires_at_us: preview.expires_at,
    }))
}

/// Accepts an invitation: makes the account and signs in.
#[utoipa::path(
    post, path = "/invitations/accept", tag = "access", operation_id = "accept_invitation", security(()),
    request_body = wire::AcceptInvitation,
    responses(
        (status = 201, description = "The session", body = wire::Session),
        (status = 404, description = "`not-found`: the link is unknown, used or over"),
        (status = 409, description = "`name-taken`: the address or the project's name is taken"),
    ),
)]
async fn accept(
    _: SameOrigin,
    State(shared): State<Shared>,
    Json(body): Json<wire::AcceptInvitation>,
) -> Result<Response, Problem> {
    let accept = Accept {
        token: SecretString::from(body.token),
        name: body.name.try_into()?,
        email: body.email.try_into()?,
        password: SecretString::from(body.password),
        project: body.project.map(TryInto::try_into).transpose().map_err(in_project)?,
    };
    let signed_in = shared.control.accept_invitation(accept).await?;
    session::begun(&shared, &signed_in)
}

fn in_project(mut invalid: domain::Invalid) -> domain::Invalid {
    invalid.field = "project".to_owned();
    invalid
}

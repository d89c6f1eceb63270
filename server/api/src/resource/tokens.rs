//! The credentials of machines.

use axum::{
    Extension, Json as Answer,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use control::{Control, ExposeSecret, NewToken, Token};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page;
use crate::{
    Shared,
    extract::{Authenticated, Json, Paging, Part, ProjectPath, TokenPath},
    layer::idempotency::ShowsSecret,
    problem::Problem,
};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

/// Lists the tokens of a project, newest first, those that are over included.
#[utoipa::path(
    get, path = "/projects/{project}/tokens", tag = "tokens", operation_id = "list_tokens",
    params(ProjectPath, Paging),
    responses((status = 200, description = "The tokens, without their secrets", body = wire::Page<wire::Token>)),
)]
async fn list(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ProjectPath,
    Part(query): Part,
) -> Result<Answer<wire::Page<wire::Token>>, Problem> {
    let tokens = control.list_tokens(&caller, &path.project, &query).await?;
    Ok(page(tokens, present))
}

/// Makes a token for a project.
///
/// The secret is in the answer and never shown again.
#[utoipa::path(
    post, path = "/projects/{project}/tokens", tag = "tokens", operation_id = "create_token",
    params(ProjectPath),
    request_body = wire::CreateToken,
    responses(
        (status = 201, description = "The token and its secret", body = wire::CreatedToken),
        (status = 409, description = "`secret-shown-once`: the same idempotency key made it before"),
    ),
)]
async fn create(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ProjectPath,
    Json(body): Json<wire::CreateToken>,
) -> Result<Response, Problem> {
    let new = NewToken { name: body.name.try_into()?, actions: body.actions, expires_in_s: body.expires_in_s };
    let created = control.create_token(&caller, &path.project, new).await?;
    let secret = created.secret.expose_secret().to_owned();
    let answer = wire::CreatedToken { secret, token: present(created.token) };
    Ok((StatusCode::CREATED, Extension(ShowsSecret), Answer(answer)).into_response())
}

/// Revokes a token: the next request that carries it is refused.
#[utoipa::path(
    delete, path = "/projects/{project}/tokens/{id}", tag = "tokens", operation_id = "revoke_token",
    params(TokenPath),
    responses((status = 204, description = "It is worth nothing any more")),
)]
async fn revoke(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: TokenPath,
) -> Result<StatusCode, Problem> {
    control.revoke_token(&caller, &path.project, path.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn present(token: Token) -> wire::Token {
    wire::Token {
        id: token.id.to_string(),
        name: token.name.into(),
        actions: token.actions,
        created_by: token.created_by,
        created_at_us: token.created_at,
        expires_at_us: token.expires_at,
        last_used_at_us: token.last_used_at,
    }
}

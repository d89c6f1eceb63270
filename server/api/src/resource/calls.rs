//! Asynchronous calls of functions: made later, told about by id.

use axum::{
    Json as Answer,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use control::{Call, Control, NewCall};
use domain::VersionNumber;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{ROOT, body, page};
use crate::{
    Shared,
    extract::{Authenticated, CallPath, FunctionPath, Json, Paging, Part},
    problem::Problem,
};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(find, cancel))
}

/// Lists the asynchronous calls of a function, newest first, without their answers.
#[utoipa::path(
    get, path = "/projects/{project}/functions/{function}/calls", tag = "functions", operation_id = "list_calls",
    params(FunctionPath, Paging),
    responses((status = 200, description = "The calls", body = wire::Page<wire::Call>)),
)]
async fn list(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: FunctionPath,
    Part(query): Part,
) -> Result<Answer<wire::Page<wire::Call>>, Problem> {
    Ok(page(control.list_calls(&caller, &path.project, &path.function, &query).await?, present))
}

/// Calls a function by name, later.
///
/// When the answer comes, the call is on disk. It is tried up to three times, 1 and 2 minutes apart, for at most 6
/// hours; one that failed for good goes to the version's dead-letter queue. The function sees a call at least once.
#[utoipa::path(
    post, path = "/projects/{project}/functions/{function}/calls", tag = "functions", operation_id = "create_call",
    params(FunctionPath),
    request_body = wire::CreateCall,
    responses(
        (
            status = 202, description = "The call, which is on disk", body = wire::Call,
            headers(("location" = String, description = "Where it tells how it stands")),
        ),
        (status = 409, description = "`version-not-ready` or `missing-handler`"),
    ),
)]
async fn create(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: FunctionPath,
    Json(request): Json<wire::CreateCall>,
) -> Result<Response, Problem> {
    let content_type = request.content_type.unwrap_or_else(|| "text/plain".to_owned());
    let payload = control::Payload { content_type, body: body(request.body, request.body_is_base64)? };
    let new = NewCall { version: request.version.map(VersionNumber), payload };
    let call = control.call_later(&caller, &path.project, &path.function, new).await?;
    let location = format!("{ROOT}/projects/{}/functions/{}/calls/{}", path.project, path.function, call.id);
    let mut response = (StatusCode::ACCEPTED, Answer(present(call))).into_response();
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// Tells how an asynchronous call stands, with what the function answered.
#[utoipa::path(
    get, path = "/projects/{project}/functions/{function}/calls/{id}", tag = "functions", operation_id = "find_call",
    params(CallPath),
    responses((status = 200, description = "The call", body = wire::Call)),
)]
async fn find(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: CallPath,
) -> Result<Answer<wire::Call>, Problem> {
    Ok(Answer(present(control.find_call(&caller, &path.project, &path.function, path.id).await?)))
}

/// Cancels an asynchronous call that waits for its first attempt or its next one.
#[utoipa::path(
    delete, path = "/projects/{project}/functions/{function}/calls/{id}", tag = "functions",
    operation_id = "cancel_call",
    params(CallPath),
    responses(
        (status = 200, description = "The call, which is cancelled", body = wire::Call),
        (status = 409, description = "`call-not-pending`: it runs, or has ended"),
    ),
)]
async fn cancel(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: CallPath,
) -> Result<Answer<wire::Call>, Problem> {
    Ok(Answer(present(control.cancel_call(&caller, &path.project, &path.function, path.id).await?)))
}

fn present(call: Call) -> wire::Call {
    let answer = call.answer.map(|answer| {
        let (body, body_is_base64) = super::invoke::text(&answer.body, false);
        wire::CallAnswer { content_type: answer.content_type, body, body_is_base64 }
    });
    wire::Call {
        id: call.id.to_string(),
        version: call.version.0,
        state: call.state,
        attempts: call.attempts,
        next_attempt_at_us: call.next_attempt_at,
        answer,
        error: call.error,
        created_by: call.created_by,
        created_at_us: call.created_at,
        expires_at_us: call.expires_at,
        ended_at_us: call.ended_at,
    }
}

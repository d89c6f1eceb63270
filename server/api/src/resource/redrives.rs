//! Moves of a queue's messages back to where they came from, or to another queue.

use axum::{
    Json as Answer,
    extract::State,
    response::{IntoResponse, Response},
};
use control::{Control, NewRedrive, Redrive};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Created, page, queues::named};
use crate::{
    Shared,
    extract::{Authenticated, OptionalJson, Paging, Part, QueuePath, RedrivePath},
    problem::Problem,
};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(find)).routes(routes!(stop))
}

/// Lists the redrives of a queue, newest first.
#[utoipa::path(
    get, path = "/projects/{project}/queues/{queue}/redrives", tag = "queues", operation_id = "list_redrives",
    params(QueuePath, Paging),
    responses((status = 200, description = "The redrives", body = wire::Page<wire::Redrive>)),
)]
async fn list(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: QueuePath,
    Part(query): Part,
) -> Result<Answer<wire::Page<wire::Redrive>>, Problem> {
    let redrives = control.list_redrives(&caller, &path.project, &path.queue, &query).await?;
    Ok(page(redrives, present))
}

/// Begins to move all messages that a queue holds now.
///
/// They keep their ids, when they were sent, their attempts and errors. The move goes on in the background at its
/// rate, also after a restart, until it is done or stopped.
#[utoipa::path(
    post, path = "/projects/{project}/queues/{queue}/redrives", tag = "queues", operation_id = "redrive_queue",
    params(QueuePath),
    request_body = Option<wire::CreateRedrive>,
    responses(
        (
            status = 201, description = "The redrive", body = wire::Redrive,
            headers(("location" = String, description = "Where it is")),
        ),
        (status = 409, description = "`redrive-running`"),
    ),
)]
async fn create(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: QueuePath,
    OptionalJson(body): OptionalJson<wire::CreateRedrive>,
) -> Result<Response, Problem> {
    let target = body.target.map(|name| named("target", name)).transpose()?;
    let new = NewRedrive { target, rate_per_s: body.rate_per_s };
    let redrive = control.redrive(&caller, &path.project, &path.queue, new).await?;
    let location = format!("/projects/{}/queues/{}/redrives/{}", path.project, path.queue, redrive.id);
    Ok(Created(location, present(redrive)).into_response())
}

/// Reads a redrive and how far it has come.
#[utoipa::path(
    get, path = "/projects/{project}/queues/{queue}/redrives/{id}", tag = "queues", operation_id = "find_redrive",
    params(RedrivePath),
    responses((status = 200, description = "The redrive", body = wire::Redrive)),
)]
async fn find(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: RedrivePath,
) -> Result<Answer<wire::Redrive>, Problem> {
    let redrive = control.find_redrive(&caller, &path.project, &path.queue, path.id).await?;
    Ok(Answer(present(redrive)))
}

/// Stops a redrive; what it moved stays moved.
#[utoipa::path(
    post, path = "/projects/{project}/queues/{queue}/redrives/{id}/stop", tag = "queues",
    operation_id = "stop_redrive",
    params(RedrivePath),
    responses((status = 200, description = "The redrive", body = wire::Redrive)),
)]
async fn stop(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: RedrivePath,
) -> Result<Answer<wire::Redrive>, Problem> {
    let redrive = control.stop_redrive(&caller, &path.project, &path.queue, path.id).await?;
    Ok(Answer(present(redrive)))
}

fn present(redrive: Redrive) -> wire::Redrive {
    wire::Redrive {
        id: redrive.id.to_string(),
        target: redrive.target.map(String::from),
        rate_per_s: redrive.rate_per_s,
        state: redrive.state,
        total: redrive.total,
        moved: redrive.moved,
        skipped: redrive.skipped,
        created_by: redrive.created_by.into(),
        created_at_us: redrive.created_at,
        ended_at_us: redrive.ended_at,
    }
}

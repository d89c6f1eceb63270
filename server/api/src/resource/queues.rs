//! Queues.

use axum::{
    Json as Answer,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use control::{Control, NewQueue, Queue, UpdateQueue};
use domain::QueueName;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Created, page, tagged};
use crate::{
    Shared,
    extract::{Authenticated, IfMatch, Json, Paging, Part, ProjectPath, Query, QueuePath},
    problem::Problem,
};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(find, update))
        .routes(routes!(pause))
        .routes(routes!(resume))
}

/// Those that take as long as there are messages to delete.
pub(crate) fn patient_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(purge)).routes(routes!(delete))
}

/// Lists the queues of a project, by name, with what they hold.
#[utoipa::path(
    get, path = "/projects/{project}/queues", tag = "queues", operation_id = "list_queues",
    params(ProjectPath, Paging),
    responses((status = 200, description = "The queues", body = wire::Page<wire::Queue>)),
)]
async fn list(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ProjectPath,
    Part(query): Part,
) -> Result<Answer<wire::Page<wire::Queue>>, Problem> {
    let queues = control.list_queues(&caller, &path.project, &query).await?;
    Ok(page(queues, present))
}

/// Creates a queue.
#[utoipa::path(
    post, path = "/projects/{project}/queues", tag = "queues", operation_id = "create_queue",
    params(ProjectPath),
    request_body = wire::CreateQueue,
    responses(
        (
            status = 201, description = "The queue", body = wire::Queue,
            headers(("location" = String, description = "Where it is")),
        ),
        (status = 409, description = "`name-taken`"),
    ),
)]
async fn create(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ProjectPath,
    Json(body): Json<wire::CreateQueue>,
) -> Result<Response, Problem> {
    let new = NewQueue {
        name: named("name", body.name)?,
        retention_s: body.retention_s,
        dead_letter_queue: body.dead_letter_queue.map(|name| named("dead_letter_queue", name)).transpose()?,
    };
    let queue = control.create_queue(&caller, &path.project, new).await?;
    let location = format!("/projects/{}/queues/{}", path.project, queue.name);
    Ok(Created(location, present(queue)).into_response())
}

/// Reads a queue and what it holds.
///
/// The ETag names the state of its settings; send it in `If-Match` to change only what you have seen.
#[utoipa::path(
    get, path = "/projects/{project}/queues/{queue}", tag = "queues", operation_id = "find_queue",
    params(QueuePath),
    responses((status = 200, description = "The queue", body = wire::Queue)),
)]
async fn find(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: QueuePath,
) -> Result<Response, Problem> {
    let queue = control.find_queue(&caller, &path.project, &path.queue).await?;
    Ok(tagged(queue.revision, present(queue)))
}

/// Changes how long a queue keeps messages, or its dead-letter queue.
#[utoipa::path(
    patch, path = "/projects/{project}/queues/{queue}", tag = "queues", operation_id = "update_queue",
    params(QueuePath, IfMatch),
    request_body = wire::UpdateQueue,
    responses(
        (status = 200, description = "The queue", body = wire::Queue),
        (status = 412, description = "`precondition-failed`: it changed in the meantime"),
    ),
)]
async fn update(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: QueuePath,
    IfMatch(expected): IfMatch,
    Json(body): Json<wire::UpdateQueue>,
) -> Result<Response, Problem> {
    let letters = |name: String| match name.as_str() {
        "" => Ok(None),
        _ => named("dead_letter_queue", name).map(Some),
    };
    let change = UpdateQueue {
        retention_s: body.retention_s,
        dead_letter_queue: body.dead_letter_queue.map(letters).transpose()?,
        paused: None,
    };
    let queue = control.update_queue(&caller, &path.project, &path.queue, change, expected).await?;
    Ok(tagged(queue.revision, present(queue)))
}

/// Has a queue hand out nothing until it is resumed.
///
/// Messages are still taken in; those that were handed out may still be settled.
#[utoipa::path(
    post, path = "/projects/{project}/queues/{queue}/pause", tag = "queues", operation_id = "pause_queue",
    params(QueuePath),
    responses((status = 200, description = "The queue", body = wire::Queue)),
)]
async fn pause(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: QueuePath,
) -> Result<Answer<wire::Queue>, Problem> {
    let change = UpdateQueue { paused: Some(true), ..UpdateQueue::default() };
    let queue = control.update_queue(&caller, &path.project, &path.queue, change, None).await?;
    Ok(Answer(present(queue)))
}

/// Has a queue hand out messages again.
#[utoipa::path(
    post, path = "/projects/{project}/queues/{queue}/resume", tag = "queues", operation_id = "resume_queue",
    params(QueuePath),
    responses((status = 200, description = "The queue", body = wire::Queue)),
)]
async fn resume(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: QueuePath,
) -> Result<Answer<wire::Queue>, Problem> {
    let change = UpdateQueue { paused: Some(false), ..UpdateQueue::default() };
    let queue = control.update_queue(&caller, &path.project, &path.queue, change, None).await?;
    Ok(Answer(present(queue)))
}

/// Deletes all messages that a queue holds now, those in flight included.
///
/// The queue's name stands in the body once more, so that nobody empties another than they think.
#[utoipa::path(
    post, path = "/projects/{project}/queues/{queue}/purge", tag = "queues", operation_id = "purge_queue",
    params(QueuePath),
    request_body = wire::PurgeQueue,
    responses((status = 200, description = "How many were deleted", body = wire::PurgedQueue)),
)]
async fn purge(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: QueuePath,
    Json(body): Json<wire::PurgeQueue>,
) -> Result<Answer<wire::PurgedQueue>, Problem> {
    let messages = control.purge_queue(&caller, &path.project, &path.queue, &body.queue).await?;
    Ok(Answer(wire::PurgedQueue { messages }))
}

/// What may go with a queue.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Deletion {
    /// Whether its messages may be deleted with it. Default `false`: a queue that holds messages stays.
    #[serde(default)]
    with_messages: bool,
}

/// Deletes a queue.
#[utoipa::path(
    delete, path = "/projects/{project}/queues/{queue}", tag = "queues", operation_id = "delete_queue",
    params(QueuePath, Deletion, IfMatch),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "`queue-not-empty`"),
        (status = 412, description = "`precondition-failed`: it changed in the meantime"),
    ),
)]
async fn delete(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: QueuePath,
    Query(deletion): Query<Deletion>,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Problem> {
    control.delete_queue(&caller, &path.project, &path.queue, deletion.with_messages, expected).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A queue's name in the body's field `field`.
pub(super) fn named(field: &str, name: String) -> Result<QueueName, domain::Invalid> {
    name.try_into().map_err(|mut invalid: domain::Invalid| {
        invalid.field = field.to_owned();
        invalid
    })
}

fn present(queue: Queue) -> wire::Queue {
    let depth = queue.depth;
    wire::Queue {
        id: queue.id.to_string(),
        name: queue.name.into(),
        retention_s: queue.retention_s,
        dead_letter_queue: queue.dead_letter_queue.map(String::from),
        paused: queue.paused,
        created_at_us: queue.created_at,
        depth: wire::QueueDepth {
            messages: depth.messages,
            in_flight: depth.in_flight,
            delayed: depth.delayed,
            oldest_at_us: depth.oldest_at_us,
            sent: depth.sent,
            acknowledged: depth.acknowledged,
            dead: depth.dead,
            expired: depth.expired,
        },
    }
}

//! Messages: sending them, and looking at them without taking any.

use axum::{
    Json as Answer,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use control::{Control, QueuedMessage};
use domain::{Invalid, queue::NewMessage};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Created, body, invoke, page};
use crate::{
    Shared,
    extract::{Authenticated, Json, MessagePath, Paging, Part, QueuePath},
    problem::Problem,
};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(peek, send)).routes(routes!(send_batch)).routes(routes!(find))
}

/// Sends a message to a queue.
///
/// When the answer comes, the message is on disk. It is handed out at least once, and until a consumer is done
/// with it, it moves to a dead-letter queue, or the queue's retention ends.
#[utoipa::path(
    post, path = "/projects/{project}/queues/{queue}/messages", tag = "queues", operation_id = "send_message",
    params(QueuePath),
    request_body = wire::SendMessage,
    responses(
        (
            status = 201, description = "The message's id", body = wire::SentMessage,
            headers(("location" = String, description = "Where it is")),
        ),
    ),
)]
async fn send(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: QueuePath,
    Json(body): Json<wire::SendMessage>,
) -> Result<Response, Problem> {
    let ids = control.send_messages(&caller, &path.project, &path.queue, vec![message(body)?]).await?;
    let id = ids.first().map(ToString::to_string).unwrap_or_default();
    let location = format!("/projects/{}/queues/{}/messages/{id}", path.project, path.queue);
    Ok(Created(location, wire::SentMessage { id }).into_response())
}

/// Sends several messages to a queue, all or none.
///
/// When the answer comes, they are on disk.
#[utoipa::path(
    post, path = "/projects/{project}/queues/{queue}/messages/batch", tag = "queues",
    operation_id = "send_messages",
    params(QueuePath),
    request_body = wire::SendMessages,
    responses((status = 201, description = "The messages' ids", body = wire::SentMessages)),
)]
async fn send_batch(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: QueuePath,
    Json(body): Json<wire::SendMessages>,
) -> Result<Response, Problem> {
    let within = |(index, one)| message(one).map_err(|invalid| invalid.within(&format!("messages[{index}]")));
    let messages = body.messages.into_iter().enumerate().map(within).collect::<Result<_, _>>()?;
    let ids = control.send_messages(&caller, &path.project, &path.queue, messages).await?;
    let ids = ids.iter().map(ToString::to_string).collect();
    Ok((StatusCode::CREATED, Answer(wire::SentMessages { ids })).into_response())
}

/// Lists the messages of a queue in their order, with the beginnings of their bodies.
///
/// None is handed out by this; those in flight and those that are held back are shown, too.
#[utoipa::path(
    get, path = "/projects/{project}/queues/{queue}/messages", tag = "queues", operation_id = "peek_messages",
    params(QueuePath, Paging),
    responses((status = 200, description = "The messages", body = wire::Page<wire::QueueMessage>)),
)]
async fn peek(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: QueuePath,
    Part(query): Part,
) -> Result<Answer<wire::Page<wire::QueueMessage>>, Problem> {
    let messages = control.peek_messages(&caller, &path.project, &path.queue, &query).await?;
    Ok(page(messages, present))
}

/// Reads a message with its whole body and all that went wrong with it.
#[utoipa::path(
    get, path = "/projects/{project}/queues/{queue}/messages/{id}", tag = "queues", operation_id = "find_message",
    params(MessagePath),
    responses((status = 200, description = "The message", body = wire::QueueMessage)),
)]
async fn find(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: MessagePath,
) -> Result<Answer<wire::QueueMessage>, Problem> {
    let message = control.find_message(&caller, &path.project, &path.queue, path.id).await?;
    Ok(Answer(present(message)))
}

fn message(message: wire::SendMessage) -> Result<NewMessage, Invalid> {
    Ok(NewMessage {
        body: body(message.body, message.body_is_base64)?,
        content_type: message.content_type.unwrap_or_else(|| "text/plain".to_owned()),
        attributes: message.attributes,
        group: message.group,
        deduplication_key: message.deduplication_key,
        delay_ms: message.delay_ms,
    })
}

fn present(queued: QueuedMessage) -> wire::QueueMessage {
    let QueuedMessage { message, state, source_queue, errors } = queued;
    let body_truncated = (message.body.len() as u64) < message.body_bytes;
    let (body, body_is_base64) = invoke::text(&message.body, body_truncated);
    let errors = errors.into_iter().map(|error| wire::AttemptError {
        attempt: error.attempt,
        at_us: error.at_us,
        error: error.error,
    });
    wire::QueueMessage {
        id: message.id.to_string(),
        state,
        available_at_us: message.available_at_us,
        group: message.group,
        receives: message.receives,
        attempts: message.attempts,
        enqueued_at_us: message.enqueued_at_us,
        first_enqueued_at_us: message.first_enqueued_at_us,
        source_queue: source_queue.map(String::from),
        errors: errors.collect(),
        content_type: message.content_type,
        attributes: message.attributes,
        body,
        body_is_base64,
        body_truncated,
        body_bytes: message.body_bytes,
    }
}

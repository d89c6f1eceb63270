//! Open WebSocket connections and groups of them.

use axum::{
    Json as Answer,
    extract::State,
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use control::{Connection, ConnectionFilter, Content, Control, Passed};
use domain::{FunctionName, GroupName, VersionNumber};
use futures::stream;
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{body, invoke::text, page};
use crate::{
    Shared,
    extract::{Authenticated, ConnectionPath, GroupPath, Json, ProjectPath, Query},
    problem::Problem,
};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(counts))
        .routes(routes!(history))
        .routes(routes!(find, send, close))
        .routes(routes!(frames))
        .routes(routes!(count, publish))
}

/// Which connections to list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Those of this function.
    #[param(value_type = Option<String>)]
    function: Option<FunctionName>,
    /// Those whose messages this version handles.
    #[param(value_type = Option<u32>)]
    version: Option<VersionNumber>,
    /// The members of this group.
    #[param(value_type = Option<String>)]
    group: Option<GroupName>,
    /// How many: 1 to 200. Default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Of which function to tell.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Told {
    /// Of this one alone.
    #[param(value_type = Option<String>)]
    function: Option<FunctionName>,
}

/// How to close a connection.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Ending {
    /// The code of the closing frame: 1000, or 3000 to 4999. Default 1000.
    code: Option<u16>,
    /// Its reason: at most 123 bytes.
    reason: Option<String>,
}

/// Lists the open connections of a project on this server, newest first.
#[utoipa::path(
    get, path = "/projects/{project}/connections", tag = "connections", operation_id = "list_connections",
    params(ProjectPath, Wanted),
    responses((status = 200, description = "The connections", body = wire::Page<wire::Connection>)),
)]
async fn list(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ProjectPath,
    Query(Wanted { function, version, group, limit, cursor }): Query<Wanted>,
) -> Result<Answer<wire::Page<wire::Connection>>, Problem> {
    let query = control::PageQuery::new(limit, cursor)?;
    let filter = ConnectionFilter { function, version, group };
    Ok(page(control.list_connections(&caller, &path.project, &filter, &query)?, |connection| present(&connection)))
}

/// Counts the open connections of a project on this server, by function and version.
///
/// After a deployment this tells how many connections still stay on an earlier version.
#[utoipa::path(
    get, path = "/projects/{project}/connections/counts", tag = "connections", operation_id = "count_connections",
    params(ProjectPath),
    responses((status = 200, description = "The counts", body = wire::ConnectionCounts)),
)]
async fn counts(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ProjectPath,
) -> Result<Answer<wire::ConnectionCounts>, Problem> {
    let counts = control.count_connections(&caller, &path.project)?.into_iter();
    let items = counts.map(|count| wire::ConnectionCount {
        function: count.function.into(),
        version: count.version,
        open: count.open,
    });
    Ok(Answer(wire::ConnectionCounts { items: items.collect() }))
}

/// Tells how many connections a project had on this server within the last hour, by function and version.
///
/// Counted every 10 s and kept in memory: what was before the server's start is not known. After a deployment this
/// shows how earlier versions drain. At most 256 versions of one project are followed.
#[utoipa::path(
    get, path = "/projects/{project}/connections/history", tag = "connections", operation_id = "connection_history",
    params(ProjectPath, Told),
    responses((status = 200, description = "The counts", body = wire::ConnectionHistory)),
)]
async fn history(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ProjectPath,
    Query(Told { function }): Query<Told>,
) -> Result<Answer<wire::ConnectionHistory>, Problem> {
    let history = control.connection_history(&caller, &path.project, function.as_ref())?;
    let items = history.series.into_iter().map(|series| wire::ConnectionSeries {
        function: series.function.into(),
        version: series.version,
        open: series.open,
    });
    Ok(Answer(wire::ConnectionHistory { at_us: history.at, items: items.collect() }))
}

/// Reads an open connection.
#[utoipa::path(
    get, path = "/projects/{project}/connections/{id}", tag = "connections", operation_id = "find_connection",
    params(ConnectionPath),
    responses(
        (status = 200, description = "The connection", body = wire::Connection),
        (status = 410, description = "`gone`: it is closed, or never was"),
    ),
)]
async fn find(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ConnectionPath,
) -> Result<Answer<wire::Connection>, Problem> {
    Ok(Answer(present(&*control.find_connection(&caller, &path.project, path.id)?)))
}

/// Sends a message to a connection, behind those that were sent before.
///
/// The answer comes when the message waits to be sent; whether the client has it is not told.
#[utoipa::path(
    post, path = "/projects/{project}/connections/{id}", tag = "connections", operation_id = "send_to_connection",
    params(ConnectionPath),
    request_body = wire::SendToConnection,
    responses(
        (status = 202, description = "It waits to be sent"),
        (status = 409, description = "`connection-too-slow`: the client does not read; the connection is closed with 1013"),
        (status = 410, description = "`gone`: it is closed, or never was"),
    ),
)]
async fn send(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ConnectionPath,
    Json(body): Json<wire::SendToConnection>,
) -> Result<StatusCode, Problem> {
    control.send_to_connection(&caller, &path.project, path.id, content(body)?)?;
    Ok(StatusCode::ACCEPTED)
}

/// Closes a connection after what was sent to it.
#[utoipa::path(
    delete, path = "/projects/{project}/connections/{id}", tag = "connections", operation_id = "close_connection",
    params(ConnectionPath, Ending),
    responses(
        (status = 204, description = "It is being closed"),
        (status = 410, description = "`gone`: it is closed, or never was"),
    ),
)]
async fn close(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ConnectionPath,
    Query(Ending { code, reason }): Query<Ending>,
) -> Result<StatusCode, Problem> {
    let ending = (code.unwrap_or(1_000), reason.unwrap_or_default());
    control.close_connection(&caller, &path.project, path.id, ending)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Streams what passes over a connection from now on, as server-sent events.
///
/// An event `frame` carries a `ConnectionFrame`; `missed` the number of frames that a slow reader was not sent;
/// `closed` ends the stream with the connection.
#[utoipa::path(
    get, path = "/projects/{project}/connections/{id}/frames", tag = "connections", operation_id = "watch_connection",
    params(ConnectionPath),
    responses(
        (status = 200, description = "The events", body = wire::ConnectionFrame, content_type = "text/event-stream"),
        (status = 410, description = "`gone`: it is closed, or never was"),
    ),
)]
async fn frames(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ConnectionPath,
) -> Result<Response, Problem> {
    let watched = control.watch_connection(&caller, &path.project, path.id)?;
    let events = stream::unfold(Some(watched), async |watched| {
        let mut watched = watched?;
        Some(match watched.recv().await {
            Ok(passed) => (frame(&passed), Some(watched)),
            Err(RecvError::Lagged(missed)) => {
                (Ok(Event::default().event("missed").data(missed.to_string())), Some(watched))
            }
            Err(RecvError::Closed) => (Ok(Event::default().event("closed").data("{}")), None),
        })
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

/// Counts the members of a group on this server.
#[utoipa::path(
    get, path = "/projects/{project}/groups/{group}", tag = "connections", operation_id = "count_group",
    params(GroupPath),
    responses((status = 200, description = "How many", body = wire::GroupMembers)),
)]
async fn count(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: GroupPath,
) -> Result<Answer<wire::GroupMembers>, Problem> {
    let members = control.count_group(&caller, &path.project, &path.group)?;
    Ok(Answer(wire::GroupMembers { members }))
}

/// Sends a message to all members of a group on this server.
#[utoipa::path(
    post, path = "/projects/{project}/groups/{group}", tag = "connections", operation_id = "publish_to_group",
    params(GroupPath),
    request_body = wire::SendToConnection,
    responses((status = 200, description = "To how many it was sent", body = wire::GroupMembers)),
)]
async fn publish(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: GroupPath,
    Json(body): Json<wire::SendToConnection>,
) -> Result<Answer<wire::GroupMembers>, Problem> {
    let members = control.publish_to_group(&caller, &path.project, &path.group, &content(body)?).await?;
    Ok(Answer(wire::GroupMembers { members }))
}

fn content(message: wire::SendToConnection) -> Result<Content, Problem> {
    if !message.body_is_base64 {
        return Ok(Content::text(message.body));
    }
    Ok(Content::binary(body(message.body, true)?))
}

fn frame(passed: &Passed) -> Result<Event, axum::Error> {
    let body_truncated = (passed.beginning.len() as u64) < passed.bytes;
    let (body, body_is_base64) = text(&passed.beginning, body_truncated);
    Event::default().event("frame").json_data(wire::ConnectionFrame {
        at_us: passed.at,
        direction: if passed.is_out { wire::Direction::Out } else { wire::Direction::In },
        is_text: passed.is_text,
        bytes: passed.bytes,
        body,
        body_is_base64,
        body_truncated,
    })
}

fn present(connection: &Connection) -> wire::Connection {
    let traffic = connection.traffic();
    let (attachment, attachment_is_base64) = text(&connection.attachment(), false);
    wire::Connection {
        id: connection.id.to_string(),
        function: connection.about.function.1.to_string(),
        version: connection.version(),
        path_with_query: connection.about.path_with_query.clone(),
        remote_address: connection.about.remote_address.clone(),
        subprotocol: connection.subprotocol(),
        groups: connection.groups().into_iter().map(String::from).collect(),
        connected_at_us: connection.connected_at,
        last_active_at_us: traffic.last_active_at,
        attachment,
        attachment_is_base64,
        received: traffic.received,
        received_bytes: traffic.received_bytes,
        sent: traffic.sent,
        sent_bytes: traffic.sent_bytes,
        waiting_bytes: connection.waiting_bytes() as u64,
    }
}

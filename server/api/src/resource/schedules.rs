//! Schedules of live deployments, and the ledger of their slots.

use axum::{Json as Answer, extract::State, http::StatusCode, response::IntoResponse};
use control::{Control, Schedule, Slot};
use domain::Timestamp;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page;
use crate::{
    Shared,
    extract::{Authenticated, Paging, Part, ProjectPath, Query, SchedulePath},
    problem::Problem,
};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(find))
        .routes(routes!(slots))
        .routes(routes!(next))
        .routes(routes!(preview))
        .routes(routes!(run))
        .routes(routes!(pause))
        .routes(routes!(resume))
}

/// Which times of a schedule to tell.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Runs {
    /// The time behind which to begin, in microseconds; the present where absent.
    #[param(value_type = Option<i64>)]
    after_us: Option<Timestamp>,
    /// How many times: 1 to 100. Default 10.
    #[param(minimum = 1, maximum = 100)]
    count: Option<u32>,
}

/// A schedule that need not be deployed, and which of its times to tell.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Preview {
    /// The expression, such as `0 3 * * 1-5` or `@daily`.
    schedule: String,
    /// The IANA time zone. Default `UTC`.
    timezone: Option<String>,
    /// The time behind which to begin, in microseconds; the present where absent.
    #[param(value_type = Option<i64>)]
    after_us: Option<Timestamp>,
    /// How many times: 1 to 100. Default 10.
    #[param(minimum = 1, maximum = 100)]
    count: Option<u32>,
}

/// Lists the schedules of a project, by function and name.
#[utoipa::path(
    get, path = "/projects/{project}/schedules", tag = "schedules", operation_id = "list_schedules",
    params(ProjectPath, Paging),
    responses((status = 200, description = "The schedules", body = wire::Page<wire::Schedule>)),
)]
async fn list(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ProjectPath,
    Part(query): Part,
) -> Result<Answer<wire::Page<wire::Schedule>>, Problem> {
    Ok(page(control.list_schedules(&caller, &path.project, &query).await?, present))
}

/// Reads a schedule.
#[utoipa::path(
    get, path = "/projects/{project}/functions/{function}/schedules/{schedule}", tag = "schedules",
    operation_id = "find_schedule",
    params(SchedulePath),
    responses((status = 200, description = "The schedule", body = wire::Schedule)),
)]
async fn find(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: SchedulePath,
) -> Result<Answer<wire::Schedule>, Problem> {
    Ok(Answer(present(control.find_schedule(&caller, &path.project, &path.function, &path.schedule).await?)))
}

/// Reads the ledger of a schedule, latest slot first.
///
/// Each time at which the schedule was due is a slot. The latest 10,000 are kept, also when a deployment removes
/// the schedule.
#[utoipa::path(
    get, path = "/projects/{project}/functions/{function}/schedules/{schedule}/slots", tag = "schedules",
    operation_id = "list_slots",
    params(SchedulePath, Paging),
    responses((status = 200, description = "The slots", body = wire::Page<wire::Slot>)),
)]
async fn slots(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: SchedulePath,
    Part(query): Part,
) -> Result<Answer<wire::Page<wire::Slot>>, Problem> {
    let slots = control.list_slots(&caller, &path.project, &path.function, &path.schedule, &query).await?;
    Ok(page(slots, present_slot))
}

/// Tells when a schedule is due, whether or not it is paused.
#[utoipa::path(
    get, path = "/projects/{project}/functions/{function}/schedules/{schedule}/next", tag = "schedules",
    operation_id = "next_runs",
    params(SchedulePath, Runs),
    responses((status = 200, description = "The times", body = wire::ScheduleRuns)),
)]
async fn next(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: SchedulePath,
    Query(Runs { after_us, count }): Query<Runs>,
) -> Result<Answer<wire::ScheduleRuns>, Problem> {
    let part = (after_us, count);
    let at_us = control.next_runs(&caller, &path.project, &path.function, &path.schedule, part).await?;
    Ok(Answer(wire::ScheduleRuns { at_us }))
}

/// Tells when a schedule would be due that is not deployed.
#[utoipa::path(
    get, path = "/projects/{project}/schedule-preview", tag = "schedules", operation_id = "preview_schedule",
    params(ProjectPath, Preview),
    responses((status = 200, description = "The times", body = wire::ScheduleRuns)),
)]
async fn preview(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: ProjectPath,
    Query(Preview { schedule, timezone, after_us, count }): Query<Preview>,
) -> Result<Answer<wire::ScheduleRuns>, Problem> {
    let zoned = (schedule.as_str(), timezone.as_deref().unwrap_or("UTC"));
    let at_us = control.preview_schedule(&caller, &path.project, zoned, (after_us, count))?;
    Ok(Answer(wire::ScheduleRuns { at_us }))
}

/// Has the function run now, for a slot of its own, also while the schedule is paused.
#[utoipa::path(
    post, path = "/projects/{project}/functions/{function}/schedules/{schedule}/run", tag = "schedules",
    operation_id = "run_schedule",
    params(SchedulePath),
    responses(
        (status = 202, description = "The slot, which is about to run", body = wire::Slot),
        (status = 409, description = "`schedule-busy`: a slot runs, and the schedule forbids overlap"),
    ),
)]
async fn run(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: SchedulePath,
) -> Result<impl IntoResponse, Problem> {
    let slot = control.run_schedule(&caller, &path.project, &path.function, &path.schedule).await?;
    Ok((StatusCode::ACCEPTED, Answer(present_slot(slot))))
}

/// Pauses a schedule: it is due no more. Slots that were due already run to their end.
#[utoipa::path(
    post, path = "/projects/{project}/functions/{function}/schedules/{schedule}/pause", tag = "schedules",
    operation_id = "pause_schedule",
    params(SchedulePath),
    responses((status = 200, description = "The schedule", body = wire::Schedule)),
)]
async fn pause(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: SchedulePath,
) -> Result<Answer<wire::Schedule>, Problem> {
    Ok(Answer(present(control.pause_schedule(&caller, &path.project, &path.function, &path.schedule).await?)))
}

/// Resumes a schedule. What would have been due while it was paused is not made up for.
#[utoipa::path(
    post, path = "/projects/{project}/functions/{function}/schedules/{schedule}/resume", tag = "schedules",
    operation_id = "resume_schedule",
    params(SchedulePath),
    responses((status = 200, description = "The schedule", body = wire::Schedule)),
)]
async fn resume(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: SchedulePath,
) -> Result<Answer<wire::Schedule>, Problem> {
    Ok(Answer(present(control.resume_schedule(&caller, &path.project, &path.function, &path.schedule).await?)))
}

fn present(schedule: Schedule) -> wire::Schedule {
    let (paused_at_us, paused_by) = schedule.paused.unzip();
    wire::Schedule {
        function: schedule.function.into(),
        trigger: schedule.trigger,
        next_at_us: schedule.next,
        paused_at_us,
        paused_by,
        last: schedule.last.map(present_slot),
    }
}

fn present_slot(slot: Slot) -> wire::Slot {
    wire::Slot {
        id: slot.id.to_string(),
        scheduled_at_us: slot.scheduled_at_us,
        kind: slot.kind,
        state: slot.state,
        attempt: slot.attempt,
        version: slot.version,
        invocation_id: slot.invocation_id.map(|id| id.to_string()),
        started_at_us: slot.started_at_us,
        finished_at_us: slot.finished_at_us,
        available_at_us: slot.available_at_us,
        error: slot.error,
        requested_by: slot.requested_by.map(Into::into),
    }
}

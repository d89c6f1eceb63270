//! Versions, once they are uploaded: reading, waiting, fetching the component, deleting.

use std::time::Duration;

use axum::{
    Json as Answer,
    body::Body,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use control::{Caller, Control, Reconfiguration, Version};
use domain::{FunctionName, Invalid, ProjectName, VersionNumber};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{ROOT, page};
use crate::{
    Shared,
    extract::{Authenticated, Client, FunctionPath, Json, Paging, Part, Query, VersionPath},
    problem::Problem,
};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(find, delete))
        .routes(routes!(component))
        .routes(routes!(reconfigure))
}

/// How long to wait.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Patience {
    /// Seconds to wait until the version is no longer being prepared: 0 to 60. Default 0.
    #[serde(default)]
    #[param(minimum = 0, maximum = 60)]
    wait: u64,
}

/// Lists the versions of a function, newest first.
#[utoipa::path(
    get, path = "/projects/{project}/functions/{function}/versions", tag = "versions", operation_id = "list_versions",
    params(FunctionPath, Paging),
    responses((status = 200, description = "The versions", body = wire::Page<wire::Version>)),
)]
async fn list(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: FunctionPath,
    Part(query): Part,
) -> Result<Answer<wire::Page<wire::Version>>, Problem> {
    let versions = control.list_versions(&caller, &path.project, &path.function, &query).await?;
    Ok(page(versions, |version| present(&control, &path.project, &path.function, version)))
}

/// Reads a version.
///
/// With `wait` the answer comes as soon as the version is no longer being prepared, or the time is up.
#[utoipa::path(
    get, path = "/projects/{project}/functions/{function}/versions/{version}",
    tag = "versions", operation_id = "find_version",
    params(VersionPath, Patience),
    responses((status = 200, description = "The version", body = wire::Version)),
)]
async fn find(
    Authenticated(caller): Authenticated,
    State(shared): State<Shared>,
    path: VersionPath,
    Query(patience): Query<Patience>,
) -> Result<Answer<wire::Version>, Problem> {
    let wait = patient(patience.wait)?;
    let version = settled(&shared, &caller, &path.project, &path.function, path.version, wait).await?;
    Ok(Answer(present(&shared.control, &path.project, &path.function, version)))
}

/// Fetches a version's component.
#[utoipa::path(
    get, path = "/projects/{project}/functions/{function}/versions/{version}/component",
    tag = "versions", operation_id = "fetch_component",
    params(VersionPath),
    responses(
        (status = 200, description = "The component, unchanged", content_type = "application/wasm", body = [u8]),
    ),
)]
async fn component(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: VersionPath,
) -> Result<Response, Problem> {
    let component = control.open_component(&caller, &path.project, &path.function, path.version).await?;
    let mut response = Body::from_stream(component.stream).into_response();
    let name = format!("attachment; filename=\"{}-{}.wasm\"", path.function, path.version);
    let headers = [
        (header::CONTENT_TYPE, "application/wasm".to_owned()),
        (header::CONTENT_LENGTH, component.bytes.to_string()),
        (header::CONTENT_DISPOSITION, name),
        (header::ETAG, format!("\"{}\"", component.digest)),
    ];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// Deletes a version that no deployment names.
#[utoipa::path(
    delete, path = "/projects/{project}/functions/{function}/versions/{version}",
    tag = "versions", operation_id = "delete_version",
    params(VersionPath),
    responses(
        (status = 204, description = "It is gone; its number is never used again"),
        (status = 409, description = "`version-deployed`: a deployment names it, and may be rolled back to"),
    ),
)]
async fn delete(
    Authenticated(caller): Authenticated,
    State(control): State<Control>,
    path: VersionPath,
) -> Result<StatusCode, Problem> {
    control.delete_version(&caller, &path.project, &path.function, path.version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a version of the same component that runs with another configuration.
///
/// Nothing is uploaded. The new version is prepared like any other; ask at `Location` how that ended.
#[utoipa::path(
    post, path = "/projects/{project}/functions/{function}/versions/{version}/reconfigure",
    tag = "versions", operation_id = "reconfigure_version",
    params(VersionPath),
    request_body = wire::ReconfigureVersion,
    responses(
        (
            status = 202, description = "The version, still being prepared; ask again at `Location`",
            body = wire::Version,
            headers(("location" = String, description = "Where it is")),
        ),
        (status = 409, description = "`version-not-ready`: the component was refused"),
    ),
)]
async fn reconfigure(
    Authenticated(caller): Authenticated,
    Client(source): Client,
    State(control): State<Control>,
    path: VersionPath,
    Json(body): Json<wire::ReconfigureVersion>,
) -> Result<Response, Problem> {
    let wire::ReconfigureVersion { configuration, message } = body;
    let new = Reconfiguration { version: path.version, configuration, message: message.try_into()?, source };
    let made = control.reconfigure_version(&caller, &path.project, &path.function, new).await?;
    let location = format!("{ROOT}/projects/{}/functions/{}/versions/{}", path.project, path.function, made.number.0);
    let answer = Answer(present(&control, &path.project, &path.function, made));
    let mut response = (StatusCode::ACCEPTED, answer).into_response();
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// Checks how long a client wants to wait.
pub(super) fn patient(seconds: u64) -> Result<Duration, Problem> {
    if seconds > 60 {
        return Err(Invalid::new("wait", format!("is {seconds}; use 0 to 60 seconds")).into());
    }
    Ok(Duration::from_secs(seconds))
}

/// Waits until a version is no longer being prepared, the time is up, or the server begins to stop.
pub(super) async fn settled(
    shared: &Shared,
    caller: &Caller,
    project: &ProjectName,
    function: &FunctionName,
    version: VersionNumber,
    wait: Duration,
) -> Result<Version, control::Error> {
    let find = |wait| shared.control.find_version(caller, project, function, version, wait);
    tokio::select! {
        found = find(wait) => found,
        () = shared.config.draining.cancelled() => find(Duration::ZERO).await,
    }
}

/// A version as HTTP carries it.
pub(super) fn present(
    control: &Control,
    project: &ProjectName,
    function: &FunctionName,
    version: Version,
) -> wire::Version {
    wire::Version {
        id: version.id.to_string(),
        number: version.number.0,
        state: version.state,
        step: version.step,
        component_sha256: version.component.to_string(),
        component_bytes: version.component_bytes,
        configuration: version.configuration,
        verdict: version.verdict,
        failure: version.failure,
        message: version.message.into(),
        created_by: version.created_by,
        source: version.source,
        created_at_us: version.created_at,
        preview_url: control.addresses().preview(project, function, version.number),
        live: version.live,
    }
}

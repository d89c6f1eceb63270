//! Uploading a component: the version that it becomes.

use axum::{
    Json as Answer,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use control::{NewVersion, Version};
use domain::{Digest, VersionState};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{ROOT, message, versions};
use crate::{
    Shared,
    extract::{Authenticated, Client, FunctionPath, Query},
    problem::Problem,
    upload::{BreakOff, Parts, boundary, chunks},
};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(upload))
}

/// What an upload says besides the bytes.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Upload {
    /// Why the version is made: at most 500 bytes.
    #[serde(default)]
    message: String,
    /// The SHA-256 that the component must have, 64 hexadecimal digits; else nothing is stored.
    sha256: Option<String>,
    /// Seconds to wait until the version is ready or failed: 0 to 60. Default 0.
    #[serde(default)]
    #[param(minimum = 0, maximum = 60)]
    wait: u64,
    /// Whether to create the function if there is none. Needs `function:create` too.
    #[serde(default)]
    create: bool,
}

/// Uploads a component, which becomes the function's next version.
///
/// The body is the component itself, whatever its content type says, so that
/// `curl --data-binary @hello.wasm` suffices. Or it is `multipart/form-data` with the parts
/// `configuration` (JSON) and `message`, then `component`. Without a configuration the version has that
/// of the one before.
///
/// The component is then checked and compiled. With `wait` the answer says how that ended; without, ask at
/// `Location`, where `state`, `verdict` and `failure` tell.
#[utoipa::path(
    post, path = "/projects/{project}/functions/{function}/versions", tag = "versions", operation_id = "upload_version",
    params(FunctionPath, Upload),
    request_body(description = "The component, at most 50 MB where the server is not set otherwise", content(
        ([u8] = "application/wasm"),
        (Form = "multipart/form-data"),
    )),
    responses(
        (
            status = 201, description = "The version, `ready`", body = wire::Version,
            headers(("location" = String, description = "Where it is")),
        ),
        (
            status = 202, description = "The version, still being prepared; ask again at `Location`",
            body = wire::Version,
            headers(("location" = String, description = "Where it is")),
        ),
        (status = 400, description = "`truncated`: the upload ended early and nothing was stored; or `malformed`"),
        (status = 408, description = "`timeout`: nothing came for 30 s"),
        (status = 413, description = "`too-large`"),
        (status = 422, description = "`invalid`; `digest-mismatch`; or the component was refused while the request \
            waited: `not-wasm`, `core-module`, `invalid-component`, `no-handler`, `unknown-import`, `too-complex`, \
            `out-of-time`, `out-of-memory`, `worker-died`, `init-signature`, `init-trapped`, `init-out-of-time` or \
            `init-out-of-memory`. The refused version is at `Location`, `failed`"),
    ),
)]
async fn upload(
    Authenticated(caller): Authenticated,
    Client(source): Client,
    State(shared): State<Shared>,
    path: FunctionPath,
    Query(query): Query<Upload>,
    request: Request,
) -> Result<Response, Problem> {
    let control = &shared.control;
    let wait = versions::patient(query.wait)?;
    let (head, body) = request.into_parts();
    let mut new = NewVersion {
        message: message(query.message)?,
        expected: query.sha256.map(|text| text.parse::<Digest>()).transpose()?,
        source,
        create_function: query.create,
        ..NewVersion::default()
    };
    let why = BreakOff::default();
    let bytes = chunks(body, why.clone());
    let created = match boundary(&head.headers) {
        None => {
            new.announced_bytes = announced(&head.headers);
            control.create_version(&caller, &path.project, &path.function, new, bytes).await
        }
        Some(boundary) => {
            let parts = Parts::read(bytes, boundary?).await?;
            new.configuration = parts.configuration.clone();
            new.message = parts.message.clone().or(new.message);
            let component = parts.into_component(why.clone());
            control.create_version(&caller, &path.project, &path.function, new, component).await
        }
    };
    let mut version = created.map_err(|error| why.explain(error))?;
    if !wait.is_zero() {
        // A token may upload without the right to read; then the answer is the version as it began.
        let settled = versions::settled(&shared, &caller, &path.project, &path.function, version.number, wait);
        version = settled.await.unwrap_or(version);
    }
    Ok(answer(&shared, &path, version))
}

/// The parts of an upload as a form.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the form, which is read as a stream")]
struct Form {
    /// What the version runs with.
    configuration: Option<wire::Configuration>,
    /// Why it is made: at most 500 bytes.
    message: Option<String>,
    /// The component; the last part.
    #[schema(format = Binary, content_media_type = "application/wasm")]
    component: String,
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The version; or why its component was refused, if that is known by now. The version is kept as `failed`.
fn answer(shared: &Shared, path: &FunctionPath, version: Version) -> Response {
    let location =
        format!("{ROOT}/projects/{}/functions/{}/versions/{}", path.project, path.function, version.number.0);
    let status = if version.state == VersionState::Preparing { StatusCode::ACCEPTED } else { StatusCode::CREATED };
    let mut response = match &version.failure {
        Some(failure) => Problem::refused(failure).into_response(),
        None => {
            let version = versions::present(&shared.control, &path.project, &path.function, version);
            (status, Answer(version)).into_response()
        }
    };
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

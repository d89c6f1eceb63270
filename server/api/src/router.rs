//! Puts routes and layers together.

use std::{any::Any, sync::Arc};

use axum::{
    Router,
    extract::MatchedPath,
    http::{Extensions, Method, Uri},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use control::Control;
use telemetry::RequestsLayer;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    ApiConfig, Shared, console, docs, health, layer,
    problem::{Kind, Problem},
    resource::{
        ROOT, calls, connections, deployments, functions, invitations, invoke, members, messages, projects, queues,
        redrives, schedules, secrets, session, tokens, upload, versions, whoami,
    },
};

/// The whole control plane as one router.
pub fn router(control: Control, config: ApiConfig) -> Router {
    let shared = Shared { control, config: Arc::new(config) };
    Router::new()
        .merge(api(&shared))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .merge(docs::routes())
        .fallback(console::serve)
        .method_not_allowed_fallback(other_method)
        .layer(from_fn_with_state(shared.clone(), layer::host::check))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(shared.clone(), layer::request::identify))
        .layer(from_fn(layer::security::headers))
        .with_state(shared)
}

/// Everything below `/api`, traced and tagged.
fn api(shared: &Shared) -> Router<Shared> {
    let replay = from_fn_with_state(shared.clone(), layer::idempotency::replay);
    let replay_upload = from_fn_with_state(shared.clone(), layer::idempotency::replay_upload);
    let deadline = from_fn(layer::deadline::enforce);
    Router::new()
        .merge(Router::from(open()).layer(deadline.clone()))
        .merge(Router::from(ordinary()).layer(replay.clone()).layer(deadline))
        .merge(Router::from(patient()).layer(replay))
        .merge(Router::from(uploads()).layer(replay_upload).layer(from_fn(layer::linger::on_refusal)))
        .route("/api/openapi.json", get(docs::document))
        .route("/api/manifest.schema.json", get(docs::manifest_schema))
        .route("/api/{*rest}", any(no_such_resource))
        .method_not_allowed_fallback(other_method)
        .layer(from_fn(layer::conditional::tag))
        .layer(RequestsLayer::new(shared.config.metrics.clone(), route))
}

/// All resources, for the document that describes them.
pub(crate) fn resources() -> OpenApiRouter<Shared> {
    open().merge(ordinary()).merge(patient()).merge(uploads())
}

/// What needs no caller, or makes one.
fn open() -> OpenApiRouter<Shared> {
    below_root(session::routes().merge(invitations::routes()))
}

/// What is answered at once.
fn ordinary() -> OpenApiRouter<Shared> {
    let people = whoami::routes().merge(members::routes()).merge(tokens::routes());
    let queues = queues::routes().merge(messages::routes()).merge(redrives::routes());
    let functions = functions::routes().merge(deployments::routes()).merge(calls::routes()).merge(schedules::routes());
    let of_project = queues.merge(secrets::routes()).merge(connections::routes());
    below_root(people.merge(projects::routes()).merge(functions).merge(of_project))
}

/// What may take as long as a guest or a compiler does, and has limits of its own.
fn patient() -> OpenApiRouter<Shared> {
    below_root(versions::routes().merge(invoke::routes()).merge(queues::patient_routes()))
}

/// What takes a large body.
fn uploads() -> OpenApiRouter<Shared> {
    below_root(upload::routes())
}

fn below_root(routes: OpenApiRouter<Shared>) -> OpenApiRouter<Shared> {
    OpenApiRouter::default().nest(ROOT, routes)
}

fn route(extensions: &Extensions) -> Option<String> {
    extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned())
}

async fn no_such_resource(uri: Uri) -> Problem {
    Problem::new(Kind::NOT_FOUND, format!("there is no resource {}; /docs lists them all", uri.path()))
}

async fn other_method(method: Method, uri: Uri) -> Problem {
    let detail = format!("{} does not take {method}; the header allow names the methods that it takes", uri.path());
    Problem::new(Kind::METHOD_NOT_ALLOWED, detail)
}

fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let text = cause.downcast_ref::<&str>().copied().or_else(|| cause.downcast_ref::<String>().map(String::as_str));
    tracing::error!(cause = text.unwrap_or_default(), "a handler panicked");
    Problem::new(Kind::INTERNAL, "this is our fault, and it is in the server's log under this request's id")
        .into_response()
}

//! What probes and scrapers ask for.

use std::time::Duration;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use crate::{
    Shared,
    problem::{Kind, Problem},
};

/// How long the database may take to say that it is there.
const PING_LIMIT: Duration = Duration::from_secs(1);

/// Says that the process answers; does no I/O.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// Says whether requests should be sent here: not while draining, nor while the database does not answer.
pub(crate) async fn readyz(State(shared): State<Shared>) -> Result<&'static str, Problem> {
    if shared.config.draining.is_cancelled() {
        return Err(Problem::new(Kind::UNAVAILABLE, "the server is stopping").retry_after(5));
    }
    match tokio::time::timeout(PING_LIMIT, shared.control.ready()).await {
        Ok(ready) => ready.map(|()| "ready\n").map_err(Problem::from),
        Err(_) => Err(Problem::new(Kind::UNAVAILABLE, "the database does not answer").retry_after(1)),
    }
}

/// All metrics as Prometheus text, version 0.0.4.
pub(crate) async fn metrics(State(shared): State<Shared>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], shared.config.metrics.render()).into_response()
}

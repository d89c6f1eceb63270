//! A limit on how long an ordinary request may take.

use std::time::Duration;

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::problem::{Kind, Problem};

/// The limit. Uploads, long polls and test calls have limits of their own and no such layer.
const LIMIT: Duration = Duration::from_secs(30);

/// Gives up after [`LIMIT`].
pub(crate) async fn enforce(request: Request, next: Next) -> Response {
    tokio::time::timeout(LIMIT, next.run(request)).await.unwrap_or_else(|_| {
        let detail = format!("there was no answer within {} s; try again", LIMIT.as_secs());
        Problem::new(Kind::UNAVAILABLE, detail).retry_after(5).into_response()
    })
}

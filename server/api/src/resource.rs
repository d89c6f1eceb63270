//! One file for each resource of `/api/v1`: its routes, and its records as HTTP carries them.

pub(crate) mod calls;
pub(crate) mod connections;
pub(crate) mod deployments;
pub(crate) mod functions;
pub(crate) mod invitations;
pub(crate) mod invoke;
pub(crate) mod members;
pub(crate) mod messages;
pub(crate) mod projects;
pub(crate) mod queues;
pub(crate) mod redrives;
pub(crate) mod schedules;
pub(crate) mod secrets;
pub(crate) mod session;
pub(crate) mod tokens;
pub(crate) mod upload;
pub(crate) mod versions;
pub(crate) mod whoami;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use control::{Page, Revision};
use domain::{Invalid, Message};
use serde::Serialize;

use crate::{entity_tag, problem::Problem};

/// Where resources live.
pub(crate) const ROOT: &str = "/api/v1";

/// A new thing, and where it is.
struct Created<T>(String, T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let Self(path, value) = self;
        let mut response = (StatusCode::CREATED, Json(value)).into_response();
        if let Ok(location) = HeaderValue::try_from(format!("{ROOT}{path}")) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

/// A mutable thing at `revision`, with the tag to send in `If-Match`.
fn tagged<T: Serialize>(revision: Revision, value: T) -> Response {
    let tag = HeaderValue::try_from(entity_tag::of_revision(revision, &value));
    let mut response = Json(value).into_response();
    if let Ok(tag) = tag {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// A page of records as HTTP carries them.
fn page<T, W>(page: Page<T>, show: impl FnMut(T) -> W) -> Json<wire::Page<W>> {
    Json(wire::Page { items: page.items.into_iter().map(show).collect(), next_cursor: page.next_cursor })
}

/// A body that came as text, or in base64.
fn body(text: String, is_base64: bool) -> Result<Vec<u8>, Invalid> {
    if !is_base64 {
        return Ok(text.into_bytes());
    }
    let wrong = |_| Invalid::new("body", "is not base64; send the standard alphabet with padding");
    BASE64_STANDARD.decode(&text).map_err(wrong)
}

/// A message, absent where nothing was written.
fn message(text: String) -> Result<Option<Message>, Problem> {
    if text.is_empty() { Ok(None) } else { Ok(Some(text.try_into()?)) }
}

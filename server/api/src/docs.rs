//! The API's document, and the pages that show it to people.

use std::sync::LazyLock;

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use bytes::Bytes;
use rust_embed::RustEmbed;

use crate::{
    Shared, embedded, openapi,
    problem::{Kind, Problem},
};

#[derive(RustEmbed)]
#[folder = "assets/docs"]
struct Docs;

/// The document as it is sent: made once.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(openapi().to_json().unwrap_or_default()));

/// The manifest's schema as it is sent: made once.
static MANIFEST_SCHEMA: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(format!("{:#}\n", domain::manifest::schema())));

/// The routes of the pages.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/docs", get(async || Redirect::permanent("/docs/")))
        .route("/docs/", get(async |headers: HeaderMap| file("index.html", &headers)))
        .route("/docs/{file}", get(async |Path(path): Path<String>, headers: HeaderMap| file(&path, &headers)))
}

/// The OpenAPI document.
pub(crate) async fn document() -> Response {
    let kind = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, kind)], DOCUMENT.clone()).into_response()
}

/// The JSON Schema of `dormouse.toml`.
pub(crate) async fn manifest_schema() -> Response {
    let kind = HeaderValue::from_static("application/schema+json");
    ([(header::CONTENT_TYPE, kind)], MANIFEST_SCHEMA.clone()).into_response()
}

fn file(path: &str, headers: &HeaderMap) -> Response {
    let missing = || Problem::new(Kind::NOT_FOUND, format!("there is nothing at /docs/{path}")).into_response();
    embedded::file::<Docs>(path, headers).unwrap_or_else(missing)
}

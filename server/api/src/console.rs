//! The console's files, built from `console/` and embedded in the binary.

use axum::{
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;

use crate::{
    embedded,
    problem::{Kind, Problem},
};

#[derive(RustEmbed)]
#[folder = "../../console/dist"]
#[allow_missing = true]
struct Console;

/// Shown where the binary was built without the console.
const NOT_BUILT: &str = include_str!("../assets/console-not-built.html");

/// Answers with a file of the console; a path that names no file is one of its pages.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if !matches!(method, Method::GET | Method::HEAD) {
        return no_such_page(&uri);
    }
    let names_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let found = match names_file {
        true => embedded::file::<Console>(path, &headers),
        false => Some(embedded::file::<Console>("index.html", &headers).unwrap_or_else(not_built)),
    };
    found.unwrap_or_else(|| no_such_page(&uri))
}

fn no_such_page(uri: &Uri) -> Response {
    Problem::new(Kind::NOT_FOUND, format!("there is nothing at {}", uri.path())).into_response()
}

fn not_built() -> Response {
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, kind)], NOT_BUILT).into_response()
}

//! Answers with files that are part of the binary.

use std::borrow::Cow;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::{entity_tag, layer::conditional};

/// Answers with the file at `path`, in brotli where a `.br` stands beside it and the client takes it.
pub(crate) fn file<A: RustEmbed>(path: &str, request: &HeaderMap) -> Option<Response> {
    let plain = A::get(path)?;
    let packed = A::get(&format!("{path}.br")).filter(|_| takes_brotli(request));
    let encoding = packed.is_some().then(|| HeaderValue::from_static("br"));
    let file = packed.unwrap_or(plain);
    let mut response = StatusCode::OK.into_response();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(media_type(path)) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    if let Ok(tag) = HeaderValue::try_from(entity_tag::of_bytes(&file.metadata.sha256_hash())) {
        headers.insert(header::ETAG, tag);
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, encoding);
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching(path)));
    if let Some(short) = conditional::not_modified(&response, conditional::if_none_match(request).as_deref()) {
        return Some(short);
    }
    *response.body_mut() = Body::from(bytes(file));
    Some(response)
}

fn bytes(file: EmbeddedFile) -> Bytes {
    match file.data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

/// Whether the client takes brotli (RFC 9110, section 12.5.3): named, and not with a weight of 0.
fn takes_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|line| line.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let refused = |part: &str| part.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case("br")) && !parts.any(refused)
    })
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        _ => mime_guess::from_path(path).first_raw().unwrap_or("application/octet-stream"),
    }
}

/// A name with a digest in it never changes its content; any other is asked for afresh.
fn caching(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let digest = |part: &str| part.len() >= 8 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    if name.split(['-', '.', '_']).any(digest) { "public, max-age=31536000, immutable" } else { "no-cache" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_digest_are_kept_for_good() {
        assert!(caching("console-1f3870be274f6c49.wasm").contains("immutable"));
        for name in ["index.html", "console.js", "favicon.svg"] {
            assert_eq!(caching(name), "no-cache");
        }
    }

    #[test]
    fn brotli_is_sent_to_those_who_take_it() {
        let takes =
            |value| takes_brotli(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]));
        assert!(takes("gzip, deflate, br, zstd") && takes("br;q=0.5"));
        assert!(!takes("gzip") && !takes("br;q=0") && !takes("br; q=0.0") && !takes(""));
    }
}

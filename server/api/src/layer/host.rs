//! Refuses foreign host names, so that no web page can reach a local server by DNS rebinding.

use std::net::IpAddr;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    Shared,
    problem::{Kind, Problem},
};

/// Passes requests whose host is `localhost`, an address, or the public one.
///
/// A rebound name always arrives as a name, so an address in its place is harmless, and probes and
/// scrapers need it.
pub(crate) async fn check(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let authority = authority(request.uri(), request.headers());
    let host = authority.as_ref().map(|authority| authority.host().to_ascii_lowercase());
    let known = host.as_deref().is_some_and(|host| {
        let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        host == "localhost" || address.parse::<IpAddr>().is_ok() || shared.config.public_host().as_deref() == Some(host)
    });
    if known {
        return next.run(request).await;
    }
    let detail =
        format!("{:?} is not a name of this server; set control_url to it, or use localhost", host.unwrap_or_default());
    Problem::new(Kind::WRONG_HOST, detail).into_response()
}

/// The authority that the client asked for: HTTP/2 has it in the URI, HTTP/1.1 in `Host`.
pub(crate) fn authority(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    match uri.authority() {
        Some(authority) => Some(authority.clone()),
        None => headers.get(header::HOST)?.to_str().ok()?.parse().ok(),
    }
}

/// Whether `origin`, a browser's `Origin`, is the page of `authority` itself.
pub(crate) fn is_same_origin(origin: &str, authority: &Authority) -> bool {
    origin.parse::<Uri>().is_ok_and(|origin| origin.authority() == Some(authority))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_the_same_with_its_port() {
        let authority: Authority = "localhost:7070".parse().unwrap();
        assert!(is_same_origin("http://localhost:7070", &authority));
        for other in ["http://localhost:8080", "http://demo.localhost:7070", "null", "https://evil.example"] {
            assert!(!is_same_origin(other, &authority), "{other}");
        }
    }
}

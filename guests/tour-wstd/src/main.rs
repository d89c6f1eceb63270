//! A small tour of HTTP with wstd, the most comfortable of the crates for WASI 0.2.

use futures_lite::stream;
use wstd::http::{Body, Client, Error, Request, Response, StatusCode};

const HELP: &str = "try /echo, /headers, /stream?count=10 or /outbound?url=https://…\n";

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    // Where the tour lies is the business of its routes: the last part of the path decides.
    match request.uri().path().rsplit('/').next() {
        Some("echo") => echo(request),
        Some("headers") => headers(&request),
        Some("stream") => stream(parameter(&request, "count").as_deref().unwrap_or("10").parse()?),
        Some("outbound") => outbound(&parameter(&request, "url").unwrap_or_default()).await,
        _ => Ok(Response::builder().status(StatusCode::NOT_FOUND).body(HELP.into())?),
    }
}

/// Sends the request's body back as it comes, with its type and its trailers.
fn echo(request: Request<Body>) -> Result<Response<Body>, Error> {
    let mut response = Response::builder();
    for name in ["content-type", "trailer"] {
        if let Some(value) = request.headers().get(name) {
            response = response.header(name, value);
        }
    }
    Ok(response.body(request.into_body())?)
}

/// Lists the request's headers, one a line.
fn headers(request: &Request<Body>) -> Result<Response<Body>, Error> {
    let line = |(name, value): (_, &wstd::http::HeaderValue)| {
        format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()))
    };
    text(request.headers().iter().map(line).collect::<String>().into())
}

/// Counts to `count`, one number a chunk; the next one is made when the caller has taken the last.
fn stream(count: u64) -> Result<Response<Body>, Error> {
    text(Body::from_stream(stream::iter((1..=count).map(|number| format!("{number}\n")))))
}

/// Fetches `url` and hands its answer on.
async fn outbound(url: &str) -> Result<Response<Body>, Error> {
    let request = Request::get(url).body(Body::empty())?;
    match Client::new().send(request).await {
        Ok(mut answer) => {
            let kind = answer.headers_mut().remove("content-type");
            let mut response = Response::builder().status(answer.status());
            if let Some(kind) = kind {
                response = response.header("content-type", kind);
            }
            Ok(response.body(answer.into_body())?)
        }
        Err(error) => {
            Ok(Response::builder().status(StatusCode::BAD_GATEWAY).body(format!("{url}: {error}\n").into())?)
        }
    }
}

fn text(body: Body) -> Result<Response<Body>, Error> {
    Ok(Response::builder().header("content-type", "text/plain; charset=utf-8").body(body)?)
}

/// The first value of `name` in the query.
fn parameter(request: &Request<Body>, name: &str) -> Option<String> {
    let query = request.uri().query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

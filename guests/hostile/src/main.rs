//! Misbehaves in the way that the path names; the suites check what the platform makes of it.

use std::future::pending;

use futures_lite::{StreamExt, stream};
use wstd::{
    http::{Body, Client, Error, Request, Response, StatusCode},
    time::Duration,
};

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    match request.uri().path() {
        "/sleep" => {
            wstd::task::sleep(Duration::from_secs(3_600)).await;
            Ok(Response::new(().into()))
        }
        "/late" => Ok(Response::new(begun_then(|| panic!("the answer has begun, and here it ends")))),
        "/stall" => Ok(Response::new(Body::from_stream(
            stream::once("begun\n").chain(stream::once_future(pending())),
        ))),
        "/error" => Err(Error::msg("there is no answer")),
        "/exit" => std::process::exit(3),
        "/flood" => {
            (0..100_000).for_each(|line| println!("line {line}"));
            eprintln!("that was all");
            Ok(Response::new("written\n".into()))
        }
        "/outbound" => {
            let request = Request::get("http://127.0.0.1:9/").body(Body::empty())?;
            let text = match Client::new().send(request).await {
                Ok(response) => format!("reached: {}\n", response.status()),
                Err(error) => format!("denied: {error}\n"),
            };
            Ok(Response::new(text.into()))
        }
        "/files" => Ok(Response::new(format!("{:?}\n", std::fs::read_dir("/").map(Iterator::count)).into())),
        "/variables" => {
            let names: Vec<_> = std::env::vars().map(|(name, value)| format!("{name}={value}\n")).collect();
            Ok(Response::new(names.concat().into()))
        }
        "/short" => Ok(Response::builder().header("content-length", "100").body("too short\n".into())?),
        _ => Ok(Response::builder().status(StatusCode::NOT_FOUND).body(().into())?),
    }
}

/// A body of one chunk, after which `then` is called.
fn begun_then(then: fn() -> &'static str) -> Body {
    Body::from_stream(stream::once("begun\n").chain(stream::once_future(async move {
        // The first chunk leaves before this runs.
        wstd::task::sleep(Duration::from_millis(20)).await;
        then()
    })))
}

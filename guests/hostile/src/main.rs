//! Misbehaves in the way that the path names; the suites check what the platform makes of it.

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
        "/late" => Ok(Response::new(begun_then(Duration::from_millis(20), || {
            panic!("the answer has begun, and here it ends")
        }))),
        "/stall" => Ok(Response::new(begun_then(Duration::from_secs(3_600), || "never sent\n"))),
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
        "/headers" => {
            let line = |(name, value)| format!("{name}: {value:?}\n");
            let seen: String = request.headers().iter().map(line).collect();
            let forged = Response::builder().header("dormouse-version", "v99").header("dormouse-invocation", "inv_0");
            Ok(forged.header("x-kept", "1").body(seen.into())?)
        }
        "/large-headers" => {
            let large = (0..65).fold(Response::builder(), |head, n| head.header(format!("x-{n}"), "a".repeat(1 << 10)));
            Ok(large.body(().into())?)
        }
        "/swallow" => {
            let mut body = request.into_body();
            Ok(Response::new(format!("{} bytes\n", body.contents().await?.len()).into()))
        }
        _ => Ok(Response::builder().status(StatusCode::NOT_FOUND).body(().into())?),
    }
}

/// A body of one chunk, and after `pause` another one from `next`.
fn begun_then(pause: Duration, next: fn() -> &'static str) -> Body {
    Body::from_stream(stream::once("begun\n").chain(stream::once_future(async move {
        wstd::task::sleep(pause).await;
        next()
    })))
}

//! Greets whoever asks, with the word in the variable `GREETING` if it is set.

use wstd::http::{Body, Error, Request, Response};

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let greeting = std::env::var("GREETING").unwrap_or_else(|_| "Hello".to_owned());
    let text = format!("{greeting} from {}\n", request.uri().path());
    Ok(Response::builder().header("content-type", "text/plain; charset=utf-8").body(text.into())?)
}

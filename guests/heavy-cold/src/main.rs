//! The same as `heavy` without an init: every instance prepares its table by itself.

use wstd::http::{Body, Error, Request, Response};

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let text = heavy::answer(request.uri().path(), request.uri().query())?;
    Ok(Response::new(text.into()))
}

//! Panics before it answers, which is a trap.

use wstd::http::{Body, Error, Request, Response};

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    panic!("asked for {}, and this guest always panics", request.uri().path());
}

//! The same as `heavy` without an init: every instance prepares its table by itself.

use wstd::http::{Body, Error, Request, Response};

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    heavy::answer(&request)
}

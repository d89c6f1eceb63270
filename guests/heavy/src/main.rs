//! Answers from a table that takes about 40 ms to prepare, and that its init has prepared.

use wstd::http::{Body, Error, Request, Response};

dormouse::init!(prepare);

fn prepare() {
    heavy::prepare();
    dormouse::log!("the table is prepared");
}

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let text = heavy::answer(request.uri().path(), request.uri().query())?;
    Ok(Response::new(text.into()))
}

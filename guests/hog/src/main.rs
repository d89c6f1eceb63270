//! Holds `?mib=` MiB of memory at once; without a figure, as much as it can get and then more.

use wstd::http::{Body, Error, Request, Response};

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let asked = request.uri().query().and_then(|query| query.strip_prefix("mib="));
    let mib: usize = asked.map_or(Ok(usize::MAX), str::parse)?;
    let mut held = Vec::new();
    while held.len() < mib {
        held.push(std::hint::black_box(vec![1_u8; 1 << 20]));
    }
    Ok(Response::new(format!("held {} MiB\n", held.len()).into()))
}

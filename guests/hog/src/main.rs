//! Holds `?mib=` MiB of memory at once; without a figure, as much as it can get and then more.

use wstd::http::{Body, Error, Request, Response};

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let asked = request.uri().query().and_then(|query| query.strip_prefix("mib="));
    let mib: usize = asked.map_or(Ok(usize::MAX), str::parse)?;
    let held: Vec<_> = (0..mib).map(|_| std::hint::black_box(vec![1_u8; 1 << 20])).collect();
    Ok(Response::new(format!("held {} MiB\n", held.len()).into()))
}

//! Counts as far as it gets in `?ms=` milliseconds (100 unless told) and says how far.

use std::time::{Duration, Instant};

use wstd::http::{Body, Error, Request, Response};

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let asked = request.uri().query().and_then(|query| query.strip_prefix("ms="));
    let budget = Duration::from_millis(asked.map_or(Ok(100), str::parse)?);
    let begun = Instant::now();
    let mut count: u64 = 0;
    while begun.elapsed() < budget {
        for _ in 0..10_000 {
            count = std::hint::black_box(count + 1);
        }
    }
    Ok(Response::new(format!("counted to {count} in {} ms\n", begun.elapsed().as_millis()).into()))
}

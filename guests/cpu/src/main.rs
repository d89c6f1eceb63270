//! Counts as far as it gets in `?ms=` milliseconds (100 unless told) and says how far; with `?rounds=`,
//! takes as many steps of a generator and says where they lead.

use std::time::{Duration, Instant};

use wstd::http::{Body, Error, Request, Response};

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let query = request.uri().query().unwrap_or("ms=100");
    let text = match (query.strip_prefix("rounds="), query.strip_prefix("ms=")) {
        (Some(rounds), _) => format!("{}\n", xorshift(rounds.parse()?)),
        (_, asked) => count(Duration::from_millis(asked.map_or(Ok(100), str::parse)?)),
    };
    Ok(Response::new(text.into()))
}

fn count(budget: Duration) -> String {
    let begun = Instant::now();
    let mut count: u64 = 0;
    while begun.elapsed() < budget {
        for _ in 0..10_000 {
            count = std::hint::black_box(count + 1);
        }
    }
    format!("counted to {count} in {} ms\n", begun.elapsed().as_millis())
}

/// Each step needs the one before it, so that no compiler finds a shortcut.
fn xorshift(rounds: u32) -> u32 {
    let mut x: u32 = 0x9e37_79b9;
    for _ in 0..rounds {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
    }
    x
}

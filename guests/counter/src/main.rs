//! Counts the requests that its instance has had, which shows whether an instance serves several, and keeps or
//! breaks things as the path says.

use std::cell::{Cell, RefCell};

use futures_lite::{StreamExt, stream};
use wstd::{
    http::{Body, Error, Request, Response},
    time::{Duration, Instant},
};

thread_local! {
    static SERVED: Cell<u32> = const { Cell::new(0) };
    static BODY: RefCell<Option<Body>> = const { RefCell::new(None) };
    static MEMORY: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let served = SERVED.get() + 1;
    SERVED.set(served);
    println!("request {served}");
    eprint!("no line's end after {served}");
    match request.uri().path() {
        "/keep" => BODY.set(Some(request.into_body())),
        "/kept" => return Ok(Response::new(what_became_of(BODY.take()).await.into())),
        "/hold" => MEMORY.with_borrow_mut(|held| held.push(vec![1; 8 << 20])),
        "/work" => spin(Duration::from_millis(30)),
        "/spin" => spin(Duration::from_secs(3_600)),
        "/sleep" => drop(wstd::task::sleep(Duration::from_secs(3_600)).await),
        "/trap" => panic!("this guest panics here"),
        "/error" => return Err(Error::msg("there is no answer")),
        "/exit" => std::process::exit(0),
        "/swallow" => drop(request.into_body().contents().await),
        "/stall" => return Ok(Response::new(stalled())),
        "/variable" => return Ok(Response::new(std::env::var("NAME").unwrap_or_default().into())),
        _ => {}
    }
    Ok(Response::new(format!("{served}\n").into()))
}

async fn what_became_of(body: Option<Body>) -> String {
    match body {
        None => "nothing was kept\n".to_owned(),
        Some(mut body) => match body.contents().await {
            Ok(bytes) => format!("{} bytes\n", bytes.len()),
            Err(_) => "broken\n".to_owned(),
        },
    }
}

fn spin(time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        (0..10_000).for_each(|step| {
            std::hint::black_box(step);
        });
    }
}

/// A body whose second chunk never comes.
fn stalled() -> Body {
    Body::from_stream(stream::once("begun\n").chain(stream::once_future(async {
        wstd::task::sleep(Duration::from_secs(3_600)).await;
        "never sent\n"
    })))
}

//! Works for a while whenever an instance of it is made, and counts how often that was in the bucket `starts`, if it may.
//! Answers with the count.

use std::time::{Duration, Instant};

use dormouse::key_value;
use wasip2::{
    exports::http::incoming_handler::Guest,
    http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam},
};

/// Many ticks of the platform's clock.
const WORK: Duration = Duration::from_millis(40);

/// Is called when an instance is made, since it has this name.
#[unsafe(no_mangle)]
extern "C" fn _initialize() {
    // Nobody answers while the platform tries the component.
    let _ = count(1);
    let begun = Instant::now();
    while begun.elapsed() < WORK {}
}

/// Adds `more` starts and gives their sum.
fn count(more: i64) -> Result<i64, key_value::Error> {
    key_value::open("starts")?.increment("starts", more)
}

struct SlowStart;

wasip2::http::proxy::export!(SlowStart);

impl Guest for SlowStart {
    fn handle(_: IncomingRequest, answer: ResponseOutparam) {
        let text = format!("{}\n", count(0).expect("the bucket is there"));
        let response = OutgoingResponse::new(Fields::new());
        let body = response.body().expect("the body is taken once");
        ResponseOutparam::set(answer, Ok(response));
        let stream = body.write().expect("the stream is taken once");
        stream.blocking_write_and_flush(text.as_bytes()).expect("the caller reads");
        drop(stream);
        OutgoingBody::finish(body, None).expect("no length was announced");
    }
}

//! Answers that are none, or that never end.

use wasip2::{
    clocks::monotonic_clock::subscribe_duration,
    http::types::{Fields, OutgoingBody, OutgoingResponse, ResponseOutparam},
};

use crate::spend::write;

/// Answers with `text` as anyone would.
pub(crate) fn with(answer: ResponseOutparam, text: &str) {
    let response = OutgoingResponse::new(Fields::new());
    let body = response.body().expect("a body that nobody took");
    ResponseOutparam::set(answer, Ok(response));
    write(&body.write().expect("a stream that nobody took"), text.as_bytes());
    OutgoingBody::finish(body, None).expect("a body that ends");
}

/// Answers in the way that `path` names; with the path itself where it names none.
pub(crate) fn wrongly(path: &str, answer: ResponseOutparam) {
    match path {
        "/many-headers" => many_headers(answer),
        "/large-header" => large_header(answer),
        "/informational" => informational(answer),
        "/twice" => twice(answer),
        "/endless" => endless(answer),
        "/drip" => drip(answer),
        "/late-trap" => late_trap(answer),
        "/unfinished" => unfinished(answer),
        "/overrun" => overrun(answer),
        other => with(answer, other),
    }
}

/// Appends 10,000 headers, each of which must be taken.
fn many_headers(answer: ResponseOutparam) {
    let headers = Fields::new();
    for n in 0..10_000 {
        headers.append(&format!("x-{n}"), b"a header").expect("a header that is taken");
    }
    ResponseOutparam::set(answer, Ok(OutgoingResponse::new(headers)));
}

/// Sets one header of 1 MiB, which must be taken.
fn large_header(answer: ResponseOutparam) {
    let headers = Fields::new();
    headers.set("x-large", &[vec![b'a'; 1 << 20]]).expect("a header that is taken");
    ResponseOutparam::set(answer, Ok(OutgoingResponse::new(headers)));
}

/// Answers with a status that ends no exchange.
fn informational(answer: ResponseOutparam) {
    let response = OutgoingResponse::new(Fields::new());
    response.set_status_code(103).expect("a status");
    ResponseOutparam::set(answer, Ok(response));
}

/// Answers a second time.
fn twice(answer: ResponseOutparam) {
    // SAFETY: the handle is used up when the copy is used, which is what the host has to notice.
    let copy = unsafe { ResponseOutparam::from_handle(answer.handle()) };
    let _begun = begun(answer);
    ResponseOutparam::set(copy, Ok(OutgoingResponse::new(Fields::new())));
}

/// Begins an answer and gives the body with what it wrote.
fn begun(answer: ResponseOutparam) -> (OutgoingBody, wasip2::io::streams::OutputStream) {
    let response = OutgoingResponse::new(Fields::new());
    let body = response.body().expect("a body that nobody took");
    let stream = body.write().expect("a stream that nobody took");
    ResponseOutparam::set(answer, Ok(response));
    write(&stream, b"begun\n");
    (body, stream)
}

/// Writes a body without end.
fn endless(answer: ResponseOutparam) {
    let (_body, stream) = begun(answer);
    let chunk = vec![b'x'; 32 << 10];
    loop {
        let room = stream.check_write().expect("a stream that is open") as usize;
        match room {
            0 => stream.subscribe().block(),
            room => stream.write(&chunk[..room.min(chunk.len())]).expect("a stream that takes what it said"),
        }
    }
}

/// Writes a body without end, a little every millisecond.
fn drip(answer: ResponseOutparam) {
    let (_body, stream) = begun(answer);
    loop {
        write(&stream, b"drip\n");
        subscribe_duration(1_000_000).block();
    }
}

/// Panics when the head has gone out.
fn late_trap(answer: ResponseOutparam) {
    let _begun = begun(answer);
    subscribe_duration(100_000_000).block();
    panic!("the answer has begun, and here it ends");
}

/// Goes away without an end to the body.
fn unfinished(answer: ResponseOutparam) {
    let (body, stream) = begun(answer);
    drop(stream);
    drop(body);
}

/// Writes more than the stream said that it takes.
fn overrun(answer: ResponseOutparam) {
    let (_body, stream) = begun(answer);
    let _ = stream.write(&vec![b'x'; 8 << 20]);
}

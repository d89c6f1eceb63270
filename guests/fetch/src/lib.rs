//! Calls out as the lines of its request's body say, and answers with one line for each: what came back, or
//! the error code. With nothing between the words of a line and `wasi:http`, it can ask for anything.
//!
//! A line is `METHOD SCHEME AUTHORITY PATH` and then, as one likes: `connect=MS`, `first=MS` and `between=MS`
//! (timeouts), `send=BYTES` (a body), `late` (the body is written after the answer's head came), `header=NAME:VALUE`,
//! `keep` (the answer's body is left unread to the end).

use std::io::{Read, Write};

use wasip2::{
    exports::http::incoming_handler::Guest,
    http::{
        outgoing_handler,
        types::{
            ErrorCode, Fields, IncomingBody, IncomingRequest, IncomingResponse, Method, OutgoingBody, OutgoingRequest,
            OutgoingResponse, RequestOptions, ResponseOutparam, Scheme,
        },
    },
    io::streams::{OutputStream, StreamError},
};

struct Fetch;

wasip2::http::proxy::export!(Fetch);

impl Guest for Fetch {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let mut lines = String::new();
        let body = request.consume().expect("the body is consumed once");
        body.stream().expect("the stream is taken once").read_to_string(&mut lines).expect("the lines arrive");
        let mut kept = Vec::new();
        let told: String = lines.lines().map(|line| format!("{}\n", answer(line, &mut kept))).collect();
        let response = OutgoingResponse::new(Fields::new());
        let body = response.body().expect("the body is taken once");
        ResponseOutparam::set(out, Ok(response));
        body.write().expect("the stream is taken once").write_all(told.as_bytes()).expect("the answer leaves");
        OutgoingBody::finish(body, None).expect("the answer ends");
    }
}

/// What became of the request that `line` describes.
fn answer(line: &str, kept: &mut Vec<IncomingResponse>) -> String {
    let mut words = line.split_whitespace();
    let [method, scheme, authority, path] = [(); 4].map(|()| words.next().unwrap_or_default());
    let more: Vec<_> = words.map(|word| word.split_once('=').unwrap_or((word, ""))).collect();
    let value = |name: &str| more.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    let nanoseconds = |name| value(name).map(|ms: &str| ms.parse::<u64>().expect("a number") * 1_000_000);

    let fields = Fields::new();
    if let Some((name, value)) = value("header").and_then(|header| header.split_once(':')) {
        if fields.append(name, value.as_bytes()).is_err() {
            return "the header is refused".to_owned();
        }
    }
    let request = OutgoingRequest::new(fields);
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_owned()),
    };
    let method = match method {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "CONNECT" => Method::Connect,
        other => Method::Other(other.to_owned()),
    };
    let said = request.set_method(&method).is_ok()
        && request.set_scheme(Some(&scheme)).is_ok()
        && request.set_authority(Some(authority)).is_ok()
        && request.set_path_with_query(Some(path)).is_ok();
    if !said {
        return "cannot be said".to_owned();
    }
    let options = RequestOptions::new();
    let _ = options.set_connect_timeout(nanoseconds("connect"));
    let _ = options.set_first_byte_timeout(nanoseconds("first"));
    let _ = options.set_between_bytes_timeout(nanoseconds("between"));

    let body = request.body().expect("the body is taken once");
    let future = match outgoing_handler::handle(request, Some(options)) {
        Ok(future) => future,
        Err(code) => return told(&code),
    };
    let is_late = value("late").is_some();
    if is_late {
        future.subscribe().block();
    }
    let stream = body.write().expect("the stream is taken once");
    let sent = send(&stream, value("send").map_or(0, |bytes| bytes.parse().expect("a number")));
    // Else, whether all of it was taken shows in the answer.
    if let (true, Err(error)) = (is_late, sent) {
        return format!("unsent: {error}");
    }
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
    future.subscribe().block();
    match future.get().expect("it was waited for").expect("it is taken once") {
        Err(code) => told(&code),
        Ok(response) if value("keep").is_some() => {
            let status = response.status();
            kept.push(response);
            format!("{status} kept")
        }
        Ok(response) => format!("{} {}", response.status(), content(&response)).trim_end().to_owned(),
    }
}

fn send(stream: &OutputStream, mut bytes: usize) -> Result<(), StreamError> {
    const CHUNK: [u8; 4096] = [b'a'; 4096];
    while bytes > 0 {
        let chunk = CHUNK.get(..bytes).unwrap_or(&CHUNK);
        stream.blocking_write_and_flush(chunk)?;
        bytes -= chunk.len();
    }
    stream.blocking_flush()
}

/// The body as text where it is short, its size where it is long, and the error that broke it off.
fn content(response: &IncomingResponse) -> String {
    let body: IncomingBody = response.consume().expect("the body is consumed once");
    let stream = body.stream().expect("the stream is taken once");
    let mut bytes = Vec::new();
    let end = loop {
        match stream.blocking_read(64 << 10) {
            Ok(chunk) => bytes.extend(chunk),
            Err(StreamError::Closed) => break String::new(),
            Err(StreamError::LastOperationFailed(error)) => break format!(" then {}", error.to_debug_string()),
        }
    };
    let text = if bytes.len() > 500 {
        format!("{} bytes", bytes.len())
    } else {
        String::from_utf8_lossy(&bytes).replace('\n', " ")
    };
    text + &end
}

/// The code's own name, without the type's.
fn told(code: &ErrorCode) -> String {
    format!("{code:?}").trim_start_matches("ErrorCode::").to_owned()
}

//! A small tour of HTTP with wasip2, the plain bindings of WASI 0.2: more to write than with wstd, and
//! nothing hidden. An instance answers one request at a time, so waiting may block.

use std::io::{self, Write};

use wasip2::{
    exports::http::incoming_handler::Guest,
    http::{
        outgoing_handler,
        types::{
            ErrorCode, Fields, IncomingBody, IncomingRequest, IncomingResponse, OutgoingBody, OutgoingRequest,
            OutgoingResponse, ResponseOutparam, Scheme,
        },
    },
    io::streams::StreamError,
};

const HELP: &str = "try /echo, /headers, /stream?count=10 or /outbound?url=https://…\n";

struct Tour;

wasip2::http::proxy::export!(Tour);

impl Guest for Tour {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = request.path_with_query().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        // Where the tour lies is the business of its routes: the last part of the path decides.
        let done = match path.rsplit('/').next() {
            Some("echo") => echo(&request, out),
            Some("headers") => headers(&request, out),
            Some("stream") => stream(parameter(query, "count").and_then(|count| count.parse().ok()).unwrap_or(10), out),
            Some("outbound") => outbound(&parameter(query, "url").unwrap_or_default(), out),
            _ => text(out, 404, HELP),
        };
        // By then the head has left, and a body that does not end well tells the caller.
        if let Err(error) = done {
            eprintln!("the answer to {path} ended early: {error}");
        }
    }
}

/// Sends the request's body back as it comes, with its type and its trailers.
fn echo(request: &IncomingRequest, out: ResponseOutparam) -> io::Result<()> {
    let answer = begin(out, 200, some_of(&request.headers(), &["content-type", "trailer"]));
    relay(request.consume().expect("the body is consumed once"), answer)
}

/// Lists the request's headers, one a line.
fn headers(request: &IncomingRequest, out: ResponseOutparam) -> io::Result<()> {
    let line = |(name, value): (String, Vec<u8>)| format!("{name}: {}\n", String::from_utf8_lossy(&value));
    text(out, 200, &request.headers().entries().into_iter().map(line).collect::<String>())
}

/// Counts to `count`, one number a chunk.
fn stream(count: u64, out: ResponseOutparam) -> io::Result<()> {
    let answer = begin(out, 200, plain_text());
    let mut stream = answer.write().expect("the stream is taken once");
    for number in 1..=count {
        stream.write_all(format!("{number}\n").as_bytes())?;
        Write::flush(&mut stream)?;
    }
    drop(stream);
    OutgoingBody::finish(answer, None).map_err(io::Error::other)
}

/// Fetches `url` and hands its answer on.
fn outbound(url: &str, out: ResponseOutparam) -> io::Result<()> {
    match fetch(url) {
        Ok(response) => {
            let answer = begin(out, response.status(), some_of(&response.headers(), &["content-type"]));
            relay(response.consume().expect("the body is consumed once"), answer)
        }
        Err(error) => text(out, 502, &format!("{url}: {error}\n")),
    }
}

fn fetch(url: &str) -> Result<IncomingResponse, ErrorCode> {
    let uri: http::Uri = url.parse().map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
    let request = OutgoingRequest::new(Fields::new());
    let scheme = if uri.scheme_str() == Some("http") { Scheme::Http } else { Scheme::Https };
    request.set_scheme(Some(&scheme)).map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
    request.set_authority(uri.authority().map(|it| it.as_str())).map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
    let target = uri.path_and_query().map(|it| it.as_str());
    request.set_path_with_query(target).map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
    let answer = outgoing_handler::handle(request, None)?;
    answer.subscribe().block();
    answer.get().expect("it was waited for").expect("it is taken once")
}

/// Sends the head. The body follows, and ends well only when it is finished.
fn begin(out: ResponseOutparam, status: u16, fields: Fields) -> OutgoingBody {
    let response = OutgoingResponse::new(fields);
    response.set_status_code(status).expect("a status that HTTP knows");
    let body = response.body().expect("the body is taken once");
    ResponseOutparam::set(out, Ok(response));
    body
}

fn text(out: ResponseOutparam, status: u16, content: &str) -> io::Result<()> {
    let answer = begin(out, status, plain_text());
    answer.write().expect("the stream is taken once").write_all(content.as_bytes())?;
    OutgoingBody::finish(answer, None).map_err(io::Error::other)
}

/// Moves a body and its trailers from one message to another; its bytes never enter this guest's memory.
fn relay(from: IncomingBody, to: OutgoingBody) -> io::Result<()> {
    let input = from.stream().expect("the stream is taken once");
    let output = to.write().expect("the stream is taken once");
    loop {
        match output.blocking_splice(&input, 64 << 10) {
            Ok(_) => {}
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(error)) => return Err(io::Error::other(error)),
        }
    }
    drop((input, output));
    let trailers = IncomingBody::finish(from);
    trailers.subscribe().block();
    let trailers = trailers.get().expect("they were waited for").expect("they are taken once");
    OutgoingBody::finish(to, trailers.map_err(io::Error::other)?).map_err(io::Error::other)
}

fn some_of(fields: &Fields, names: &[&str]) -> Fields {
    let kept = Fields::new();
    for name in names {
        kept.set(name, &fields.get(name)).expect("what HTTP carried once, it carries again");
    }
    kept
}

fn plain_text() -> Fields {
    Fields::from_list(&[("content-type".to_owned(), b"text/plain; charset=utf-8".to_vec())]).expect("a valid field")
}

/// The first value of `name` in `query`.
fn parameter(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

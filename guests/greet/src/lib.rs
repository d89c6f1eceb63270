//! The smallest answer: what `hello` says, through the interfaces of `wasi:http` themselves. It
//! imports only what it calls, so its instances are quick to make; benchmarks measure with it.

use wasip2::{
    exports::http::incoming_handler::Guest,
    http::types::{Fields, HeaderError, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam},
};

struct Greet;

wasip2::http::proxy::export!(Greet);

impl Guest for Greet {
    fn handle(request: IncomingRequest, answer: ResponseOutparam) {
        let target = request.path_with_query().unwrap_or_default();
        let path = target.split('?').next().unwrap_or_default();
        let response = OutgoingResponse::new(headers().expect("the header is well-formed"));
        let body = response.body().expect("the body is taken once");
        ResponseOutparam::set(answer, Ok(response));
        let stream = body.write().expect("the stream is taken once");
        // A caller who goes away ends the instance, so there is nobody to tell of a failed write.
        let _ = stream.blocking_write_and_flush(format!("Hello from {path}\n").as_bytes());
        drop(stream);
        let _ = OutgoingBody::finish(body, None);
    }
}

fn headers() -> Result<Fields, HeaderError> {
    Fields::from_list(&[("content-type".to_owned(), b"text/plain; charset=utf-8".to_vec())])
}

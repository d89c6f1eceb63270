//! The smallest answer as a guest of WASI 0.3: what `greet` says, through the interfaces of `wasi:http` themselves. It
//! imports only what it calls; benchmarks measure with it.

use wasip3::{
    exports::http::handler::Guest,
    http::types::{ErrorCode, Fields, HeaderError, Request, Response},
    wit_bindgen, wit_future, wit_stream,
};

struct Greet;

wasip3::http::service::export!(Greet);

impl Guest for Greet {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let target = request.get_path_with_query().unwrap_or_default();
        let path = target.split('?').next().unwrap_or_default();
        let greeting = format!("Hello from {path}\n").into_bytes();
        let (mut body, body_reader) = wit_stream::new();
        let (trailers, trailers_reader) = wit_future::new(|| Ok(None));
        let headers = headers().expect("the header is well-formed");
        let (response, _sent) = Response::new(headers, Some(body_reader), trailers_reader);
        wit_bindgen::spawn(async move {
            // A caller who goes away ends the instance, so there is nobody to tell of a failed write.
            let _ = body.write_all(greeting).await;
            drop(body);
            let _ = trailers.write(Ok(None)).await;
        });
        Ok(response)
    }
}

fn headers() -> Result<Fields, HeaderError> {
    Fields::from_list(&[("content-type".to_owned(), b"text/plain; charset=utf-8".to_vec())])
}

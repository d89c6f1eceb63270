//! Misbehaves as a guest of WASI 0.3 in the way that the path names, and echoes where it does not.

use wasip3::{
    clocks::monotonic_clock,
    exports::http::handler::Guest,
    http::types::{ErrorCode, Fields, Request, Response},
    wit_bindgen, wit_future, wit_stream,
};

struct Hostile;

wasip3::http::service::export!(Hostile);

impl Guest for Hostile {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        match request.get_path_with_query().as_deref() {
            Some("/trap") => panic!("this guest always panics here"),
            Some("/sleep") => {
                monotonic_clock::wait_for(3_600_000_000_000).await;
                Ok(echo(request))
            }
            Some("/spin") => loop {
                std::hint::spin_loop();
            },
            Some("/error") => Err(ErrorCode::InternalError(Some("there is no answer".to_owned()))),
            Some("/late") => Ok(begun_then_trapped()),
            _ => Ok(echo(request)),
        }
    }
}

/// The request's body and trailers, handed on without a look at them.
fn echo(request: Request) -> Response {
    let (_, consumed) = wit_future::new(|| Ok(()));
    let (body, trailers) = Request::consume_body(request, consumed);
    Response::new(Fields::new(), Some(body), trailers).0
}

/// A body of one chunk, whose writer panics then.
fn begun_then_trapped() -> Response {
    let (mut writer, body) = wit_stream::new();
    let (_, trailers) = wit_future::new(|| Ok(None));
    wit_bindgen::spawn(async move {
        writer.write_all(b"begun\n".to_vec()).await;
        monotonic_clock::wait_for(20_000_000).await;
        panic!("the answer has begun, and here it ends");
    });
    Response::new(Fields::new(), Some(body), trailers).0
}

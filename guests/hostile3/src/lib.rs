//! Misbehaves as a guest of WASI 0.3 in the way that the path names, and echoes where it does not.

mod spend;

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
            Some("/spin") => spend::spin(),
            Some("/grow") => spend::grow(),
            Some("/recurse") => Err(ErrorCode::InternalError(Some(spend::recurse(u64::MAX).to_string()))),
            Some("/handles") => Ok(spend::handles(echo(request))),
            Some("/streams") => Ok(spend::streams(echo(request))),
            Some("/waits") => Ok(spend::waits(echo(request)).await),
            Some("/tasks") => Ok(spend::tasks(echo(request))),
            Some("/wake") => spend::wake().await,
            Some("/error") => Err(ErrorCode::InternalError(Some("there is no answer".to_owned()))),
            Some("/informational") => {
                let response = echo(request);
                response.set_status_code(103).expect("a status");
                Ok(response)
            }
            Some("/exit-well") => Ok(spend::exit(Ok(()), echo(request))),
            Some("/exit-badly") => Ok(spend::exit(Err(()), echo(request))),
            Some("/late") => Ok(begun_then(|| async {
                monotonic_clock::wait_for(100_000_000).await;
                panic!("the answer has begun, and here it ends");
            })),
            Some("/late-spin") => Ok(begun_then(|| async { spend::spin() })),
            Some("/endless") => Ok(endless(64 << 10, 0)),
            Some("/drip") => Ok(endless(5, 1_000_000)),
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

/// A body of one chunk, whose writer does something else then.
fn begun_then<F: Future<Output = ()> + 'static>(then: impl FnOnce() -> F + 'static) -> Response {
    let (mut writer, body) = wit_stream::new();
    let (_, trailers) = wit_future::new(|| Ok(None));
    wit_bindgen::spawn(async move {
        writer.write_all(b"begun\n".to_vec()).await;
        then().await;
    });
    Response::new(Fields::new(), Some(body), trailers).0
}

/// A body without end, of chunks of `bytes` with a pause in nanoseconds between them.
fn endless(bytes: usize, pause: u64) -> Response {
    let (mut writer, body) = wit_stream::new();
    let (_, trailers) = wit_future::new(|| Ok(None));
    wit_bindgen::spawn(async move {
        while writer.write_all(vec![b'x'; bytes]).await.is_empty() {
            monotonic_clock::wait_for(pause).await;
        }
    });
    Response::new(Fields::new(), Some(body), trailers).0
}

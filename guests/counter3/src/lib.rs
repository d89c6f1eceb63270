//! The counter as a guest of WASI 0.3.

use std::cell::{Cell, RefCell};

use wasip3::{
    clocks::monotonic_clock,
    exports::http::handler::Guest,
    http::types::{ErrorCode, Fields, Request, Response},
    wit_bindgen::{self, StreamReader},
    wit_future, wit_stream,
};

struct Counter;

wasip3::http::service::export!(Counter);

thread_local! {
    static SERVED: Cell<u32> = const { Cell::new(0) };
    static BODY: RefCell<Option<StreamReader<u8>>> = const { RefCell::new(None) };
}

impl Guest for Counter {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        const HOUR_NS: u64 = 3_600_000_000_000;
        let served = SERVED.get() + 1;
        SERVED.set(served);
        println!("request {served}");
        eprint!("no line's end after {served}");
        match request.get_path_with_query().as_deref() {
            Some("/keep") => {
                let (_, consumed) = wit_future::new(|| Ok(()));
                let (body, _) = Request::consume_body(request, consumed);
                BODY.set(Some(body));
            }
            Some("/kept") => {
                let body = BODY.take().expect("a body was kept");
                return Ok(answer(format!("{} bytes\n", body.collect().await.len()), 0));
            }
            Some("/swallow") => {
                let (_, consumed) = wit_future::new(|| Ok(()));
                let (body, _) = Request::consume_body(request, consumed);
                body.collect().await;
            }
            Some("/spin") => loop {
                std::hint::black_box(served);
            },
            Some("/work") => {
                std::hint::black_box(
                    (0..2_000_000_u32).fold(served, |sum, n| sum.rotate_left(5) ^ std::hint::black_box(n)),
                );
            }
            Some("/sleep") => monotonic_clock::wait_for(HOUR_NS).await,
            Some("/trap") => panic!("this guest panics here"),
            Some("/error") => return Err(ErrorCode::InternalError(Some("there is no answer".to_owned()))),
            Some("/stall") => return Ok(answer("begun\n".to_owned(), HOUR_NS)),
            _ => {}
        }
        Ok(answer(format!("{served}\n"), 0))
    }
}

/// An answer that is over after a pause in nanoseconds.
fn answer(text: String, pause: u64) -> Response {
    let (mut writer, body) = wit_stream::new();
    let (_, trailers) = wit_future::new(|| Ok(None));
    wit_bindgen::spawn(async move {
        writer.write_all(text.into_bytes()).await;
        if pause > 0 {
            monotonic_clock::wait_for(pause).await;
        }
    });
    Response::new(Fields::new(), Some(body), trailers).0
}

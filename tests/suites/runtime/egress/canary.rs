//! A server that should hear from no guest, and does what the path says when one gets through.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse, Redirect, Response},
    routing::{any, get, post},
    serve::ListenerExt as _,
};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use tokio::net::TcpListener;

/// A real HTTP server that counts who comes.
pub(super) struct Canary {
    pub(super) port: u16,
    connections: Arc<AtomicUsize>,
    /// Answers whose body is being sent.
    open: Arc<AtomicUsize>,
}

impl Canary {
    /// A canary on every address of this machine.
    pub(super) async fn everywhere() -> Self {
        match TcpListener::bind("[::]:0").await {
            Ok(listener) => Self::on(listener),
            Err(_) => Self::on(TcpListener::bind("0.0.0.0:0").await.unwrap()),
        }
    }

    /// A canary on 127.0.0.1 alone.
    pub(super) async fn on_one_address() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn on(listener: TcpListener) -> Self {
        let port = listener.local_addr().unwrap().port();
        let (connections, open) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let counter = Arc::clone(&connections);
        let listener = listener.tap_io(move |_| {
            counter.fetch_add(1, Relaxed);
        });
        let router = router(Arc::clone(&open));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { port, connections, open }
    }

    /// Connections so far.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Relaxed)
    }

    /// Waits until no answer is being sent any more.
    pub(super) async fn is_let_go(&self) {
        while self.open.load(Relaxed) > 0 {
            tokio::task::yield_now().await;
        }
    }
}

fn router(open: Arc<AtomicUsize>) -> Router {
    Router::new()
        .route("/", any(async || "the canary sings"))
        .route("/to", get(async |request: Request| Redirect::temporary(request.uri().query().unwrap_or_default())))
        .route("/headers", any(headers))
        .route("/count", post(async |body: Bytes| body.len().to_string()))
        .route("/large", get(async || "a".repeat(2_000)))
        .route("/large-chunks", get(async || Body::from_stream(chunks(20).map(Ok::<_, Infallible>))))
        .route("/large-head", get(async || [("x-large", "a".repeat(100 << 10))]))
        .route("/silent", any(async || std::future::pending::<()>().await))
        .route("/stall", get(async || Body::from_stream(first().chain(stream::pending()))))
        .route("/cut", get(async || Body::from_stream(stream::iter([Err::<Bytes, _>("the canary fell off")]))))
        .route("/endless", get(async move || endless(open)))
}

/// What arrived, one header a word.
async fn headers(request: Request) -> String {
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| format!("{name}={}", value.to_str().unwrap());
    let mut words: Vec<_> = request.headers().iter().map(header).collect();
    words.sort_unstable();
    format!("{} {} {}", request.method(), request.uri(), words.join(" "))
}

fn chunks(count: usize) -> impl futures::Stream<Item = Bytes> {
    stream::iter(0..count).map(|_| Bytes::from(vec![b'a'; 100]))
}

fn first() -> impl futures::Stream<Item = Result<Bytes, &'static str>> {
    stream::once(async { Ok(Bytes::from_static(b"begun")) })
}

/// A body that ends only when nobody reads it any more.
fn endless(open: Arc<AtomicUsize>) -> Response {
    struct Open(Arc<AtomicUsize>);
    impl Drop for Open {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Relaxed);
        }
    }
    open.fetch_add(1, Relaxed);
    let open = Open(open);
    let drops = stream::repeat_with(move || {
        let _held = &open;
        Bytes::from_static(&[b'a'; 1 << 10])
    });
    Body::from_stream(drops.map(Ok::<_, Infallible>)).into_response()
}

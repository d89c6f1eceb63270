//! A server outside of the platform that guests call.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use bytes::Bytes;
use futures::stream;
use tokio::{
    net::TcpListener,
    sync::{Barrier, oneshot},
};

/// What `/meeting/…` answers with.
pub(super) const MEETING: &str = "we have met\n";

/// The second half of `/halves`, as soon as it is let go.
type Held = Arc<Mutex<Option<oneshot::Receiver<()>>>>;

/// A server with a few answers that tests tell apart.
pub(super) struct Elsewhere {
    address: String,
    held: Held,
}

impl Elsewhere {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (held, meeting) = (Held::default(), Arc::new(Barrier::new(2)));
        let holding = Arc::clone(&held);
        let meet = move || async move {
            meeting.wait().await;
            MEETING
        };
        let router = Router::new()
            .route("/teapot", get(|| async { (StatusCode::IM_A_TEAPOT, [(CONTENT_TYPE, "text/x-tea")], "short\n") }))
            .route("/asked", get(|headers: HeaderMap| async move { format!("{headers:?}\n") }))
            .route("/halves", get(move || async move { halves(&holding).into_response() }))
            .route("/meeting/{who}", get(meet));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, held }
    }

    /// `http://127.0.0.1:<port>`.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// What lets the second half of the next answer of `/halves` go.
    pub(super) fn hold(&self) -> oneshot::Sender<()> {
        let (sender, receiver) = oneshot::channel();
        *self.held.lock().unwrap() = Some(receiver);
        sender
    }
}

/// One half at once and the other when the test says so.
fn halves(held: &Held) -> Body {
    let held = held.lock().unwrap().take();
    Body::from_stream(stream::unfold((0, held), |(sent, held)| async move {
        match (sent, held) {
            (0, held) => Some((Ok::<_, io::Error>(Bytes::from("one half, ")), (1, held))),
            (1, Some(held)) => {
                held.await.ok()?;
                Some((Ok(Bytes::from("the other")), (2, None)))
            }
            _ => None,
        }
    }))
}

//! One connection: finds out which HTTP it speaks, and serves it within limits.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use hyper::{
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::ingress::{Caller, Ingress};

/// The first bytes of HTTP/2 with prior knowledge (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The size of a request's head in bytes.
const MAX_HEAD_BYTES: u32 = 32 << 10;

/// What one connection may hold of a body while nobody takes it, in bytes.
const WINDOW_BYTES: u32 = 1 << 20;

/// Requests that one HTTP/2 connection may have under way.
const MAX_STREAMS: u32 = 128;

/// Streams that a client may reset before they were served, and those that it makes us reset, before
/// the connection is closed (CVE-2023-44487 and its kin).
const MAX_RESETS: usize = 64;

/// How often a silent HTTP/2 connection is asked whether its other end lives, and for how long.
const PING: Duration = Duration::from_secs(20);

/// How long to wait for the rest of a preface that came in part. Real clients send it in one piece.
const PREFACE_PAUSE: Duration = Duration::from_millis(5);

/// Both protocols with their limits.
#[derive(Clone)]
pub(super) struct Protocols {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    head_timeout: Duration,
}

impl Protocols {
    pub(super) fn new(head_timeout: Duration) -> Self {
        let mut http1 = http1::Builder::new();
        http1.timer(TokioTimer::new()).header_read_timeout(head_timeout).max_header_size(MAX_HEAD_BYTES as usize);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(MAX_HEAD_BYTES)
            .max_pending_accept_reset_streams(MAX_RESETS)
            .max_local_error_reset_streams(MAX_RESETS)
            .initial_stream_window_size(WINDOW_BYTES / 4)
            .initial_connection_window_size(WINDOW_BYTES)
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING);
        Self { http1, http2, head_timeout }
    }

    /// Serves `stream`, which comes from `remote`, to its end, or until it is a WebSocket; from `shutdown` on it ends with
    /// the requests that are under way.
    pub(super) async fn run(
        &self,
        stream: TcpStream,
        remote: SocketAddr,
        ingress: Arc<Ingress>,
        shutdown: CancellationToken,
    ) {
        let begun = async {
            stream.set_nodelay(true)?;
            speaks_http2(&stream).await
        };
        // A connection that says nothing is closed, as is one that fails at once: there is nobody to tell.
        let Ok(Ok(http2)) = timeout(self.head_timeout, begun).await else { return };
        let caller = Arc::new(Caller { ingress, remote, draining: shutdown.clone() });
        let service = service_fn(move |request| {
            let caller = Arc::clone(&caller);
            async move { Ok::<_, Infallible>(caller.ingress.answer(request, &caller).await) }
        });
        let stream = TokioIo::new(super::cork::Cork::new(stream));
        let ended = if http2 {
            let connection = self.http2.serve_connection(stream, service);
            serve(connection, &shutdown, |connection| connection.graceful_shutdown()).await
        } else {
            let connection = self.http1.serve_connection(stream, service).with_upgrades();
            serve(connection, &shutdown, |connection| connection.graceful_shutdown()).await
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

/// Whether the first bytes are HTTP/2's. They stay in the kernel's buffer for whoever serves them.
///
/// # Errors
///
/// If the connection ends or fails before that is clear.
async fn speaks_http2(stream: &TcpStream) -> io::Result<bool> {
    let mut buffer = [0; PREFACE.len()];
    loop {
        let length = stream.peek(&mut buffer).await?;
        let seen = buffer.get(..length).unwrap_or_default();
        if seen.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if !PREFACE.starts_with(seen) {
            return Ok(false);
        }
        if length == PREFACE.len() {
            return Ok(true);
        }
        sleep(PREFACE_PAUSE).await;
    }
}

/// Runs `connection` to its end; from `shutdown` on `end` lets it take no more requests.
async fn serve<C: Future>(connection: C, shutdown: &CancellationToken, end: impl FnOnce(Pin<&mut C>)) -> C::Output {
    let mut connection = pin!(connection);
    tokio::select! {
        biased;
        ended = connection.as_mut() => return ended,
        () = shutdown.cancelled() => end(connection.as_mut()),
    }
    connection.await
}

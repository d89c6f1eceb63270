//! The control plane's accept loop: HTTP/1.1, with limits on heads, connections and patience.
//!
//! Browsers and proxies speak HTTP/1.1 over plain TCP; whoever wants HTTP/2 puts a proxy in front, which
//! brings TLS too.

use std::{sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;

/// Connections that are open at once; more wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 1_000;

/// How long a client may take to send a request's head, and to begin the next one.
const HEADER_READ_LIMIT: Duration = Duration::from_secs(10);

/// The largest head of a request in bytes.
const MAX_HEAD_BYTES: usize = 32 << 10;

/// How long to wait when no connection can be accepted, mostly for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Answers requests on `listener` until `shutdown`, then finishes those under way for at most `drain`.
pub async fn serve(listener: TcpListener, router: Router, drain: Duration, shutdown: CancellationToken) {
    let (builder, graceful, cut) = (builder(), GracefulShutdown::new(), CancellationToken::new());
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let accept = async {
        loop {
            // The place comes first: connections beyond the limit stay in the kernel's queue.
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let service = TowerToHyperService::new(router.clone());
            let connection = graceful.watch(builder.serve_connection(prepared(stream), service));
            let connection = cut.clone().run_until_cancelled_owned(connection);
            tokio::spawn(async move {
                // A connection's failure is its client's doing and says nothing to us.
                let _ = connection.await;
                drop(place);
            });
        }
    };
    shutdown.run_until_cancelled(accept).await;
    drop(listener);
    if tokio::time::timeout(drain, graceful.shutdown()).await.is_err() {
        tracing::warn!("connections were cut at the end of the drain");
        cut.cancel();
    }
}

fn builder() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_READ_LIMIT).max_header_size(MAX_HEAD_BYTES);
    builder
}

fn prepared(stream: TcpStream) -> TokioIo<TcpStream> {
    // Answers are small and written at once; waiting for more only delays them.
    let _ = stream.set_nodelay(true);
    TokioIo::new(stream)
}

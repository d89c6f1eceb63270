//! The control plane's accept loop: HTTP/1.1 and HTTP/2, with limits on heads and on patience.

use std::{io, time::Duration};

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::net::{TcpListener, TcpStream};

/// How long a client may take to send a request's head.
const HEADER_READ_LIMIT: Duration = Duration::from_secs(10);

/// The largest head of a request in bytes.
const MAX_HEAD_BYTES: usize = 32 << 10;

/// How long to pause when the machine has no socket left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Answers requests on `listener` until `shutdown` ends, then finishes those under way.
///
/// Waits for them without a limit; whoever calls this decides how long that may take.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) {
    let builder = builder();
    let graceful = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    pause_after(&error).await;
                    continue;
                }
            },
            () = &mut shutdown => break,
        };
        let watcher = graceful.watcher();
        let (builder, router) = (builder.clone(), router.clone());
        tokio::spawn(async move {
            let service = TowerToHyperService::new(router);
            // A connection's failure is its client's doing and says nothing to us.
            let _ = watcher.watch(builder.serve_connection(prepared(stream), service).into_owned()).await;
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_LIMIT)
        .max_buf_size(MAX_HEAD_BYTES)
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(MAX_HEAD_BYTES).unwrap_or(u32::MAX))
        .keep_alive_interval(Some(Duration::from_secs(30)));
    builder
}

fn prepared(stream: TcpStream) -> TokioIo<TcpStream> {
    // Answers are small and written at once; waiting for more only delays them.
    let _ = stream.set_nodelay(true);
    TokioIo::new(stream)
}

/// A client that went away is nothing; running out of sockets needs a pause, or this loop takes the CPU.
async fn pause_after(error: &io::Error) {
    let gone = [io::ErrorKind::ConnectionRefused, io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset];
    if !gone.contains(&error.kind()) {
        tracing::error!(%error, "a connection cannot be accepted");
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}

//! HTTP requests: accepts connections, and turns each request into an invocation.
//!
//! HTTP/1.1 and HTTP/2 with prior knowledge on one port. Bodies stream in both directions without a
//! copy. What the platform answers itself is a problem (RFC 9457) with the invocation's id.

mod answer;
mod connection;
mod cork;
mod headers;
mod host;
mod ingress;
mod problem;
mod upload;

use std::{sync::Arc, time::Duration};

use control::Routing;
use telemetry::{Metrics, Tracer};
use tokio::{net::TcpListener, sync::Semaphore, time::sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{connection::Protocols, ingress::Ingress};

/// What bounds the listener.
#[derive(Clone, Copy, Debug)]
pub struct HttpConfig {
    /// Connections that are open at once; more wait in the kernel's queue. Default 10,000.
    pub max_connections: usize,
    /// The time for a request's head, and for the next one on a connection that is kept. Default 10 s.
    pub head_timeout: Duration,
    /// The time that requests under way are given at the end. Default 25 s.
    pub drain: Duration,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self { max_connections: 10_000, head_timeout: Duration::from_secs(10), drain: Duration::from_secs(25) }
    }
}

/// How long to wait when no connection can be accepted, mostly for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves functions on `listener` until `shutdown`, then drains: the listener closes, idle connections
/// close, requests under way end, new ones on open connections are answered 503. Returns when the last
/// connection is closed, at the latest after [`HttpConfig::drain`].
pub async fn serve(
    listener: TcpListener,
    routing: Routing,
    metrics: Metrics,
    tracer: Tracer,
    config: HttpConfig,
    shutdown: CancellationToken,
) {
    let cut = CancellationToken::new();
    let tasks = TaskTracker::new();
    let places = Arc::new(Semaphore::new(config.max_connections));
    let protocols = Protocols::new(config.head_timeout);
    let ingress = Arc::new(Ingress::new(routing, metrics.clone(), tracer, shutdown.clone()));

    let accept = async {
        loop {
            // The place comes first: connections beyond the limit stay in the kernel's queue.
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let (ingress, protocols, shutdown) = (Arc::clone(&ingress), protocols.clone(), shutdown.clone());
            let counted = metrics.connection();
            let connection = async move {
                protocols.run(stream, ingress, &shutdown).await;
                drop((counted, place));
            };
            tasks.spawn(cut.clone().run_until_cancelled_owned(connection));
        }
    };
    shutdown.run_until_cancelled(accept).await;
    drop(listener);
    crate::drain::drain(&tasks, config.drain, &cut, "connections").await;
}

//! HTTP requests: accepts connections, and turns each request into an invocation.
//!
//! HTTP/1.1 and HTTP/2 with prior knowledge on one port. Bodies stream in both directions without a
//! copy. What the platform answers itself is a problem (RFC 9457) with the invocation's id.

mod answer;
mod connection;
pub(crate) mod cork;
pub(crate) mod headers;
pub(crate) mod host;
mod ingress;
pub(crate) mod problem;
mod upload;

use std::{sync::Arc, time::Duration};

use control::{Connections, Routing};
use telemetry::{Metrics, Tracer};
use tokio::{net::TcpListener, sync::Semaphore, time::sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{connection::Protocols, ingress::Ingress};
use crate::websocket::Sockets;

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
///
/// WebSockets come by the same listener. Once one is open it is among `connections`, and its place here is free; in the
/// drain they are closed with 1001 as soon as their messages under way are handled.
pub async fn serve(
    listener: TcpListener,
    (routing, connections): (Routing, Connections),
    metrics: Metrics,
    tracer: Tracer,
    config: HttpConfig,
    shutdown: CancellationToken,
) {
    let cut = CancellationToken::new();
    let tasks = TaskTracker::new();
    let places = Arc::new(Semaphore::new(config.max_connections));
    let protocols = Protocols::new(config.head_timeout);
    let sockets = Arc::new(Sockets {
        routing: routing.clone(),
        connections,
        metrics: metrics.clone(),
        tracer: tracer.clone(),
        draining: shutdown.clone(),
        cut: cut.clone(),
        tasks: tasks.clone(),
    });
    let ingress = Arc::new(Ingress::new(routing, metrics.clone(), tracer, sockets));

    let accept = async {
        loop {
            // The place comes first: connections beyond the limit stay in the kernel's queue.
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let (stream, remote) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let (ingress, protocols) = (Arc::clone(&ingress), protocols.clone());
            // A token is looked at under its lock at every turn: each connection has its own.
            let (shutdown, cut) = (shutdown.child_token(), cut.child_token());
            let counted = metrics.connection();
            let connection = async move {
                protocols.run(stream, remote, ingress, shutdown).await;
                drop((counted, place));
            };
            tasks.spawn(cut.run_until_cancelled_owned(connection));
        }
    };
    shutdown.run_until_cancelled(accept).await;
    drop(listener);
    crate::drain::drain(&tasks, config.drain, &cut, "connections").await;
}

//! WebSockets: holds the sockets (RFC 6455), and turns what happens on them into invocations.
//!
//! Each connection is one task. Between two messages there is neither an instance nor a buffer in it: what it holds is
//! the socket, the place in what it sends, and the way to its function. Who is connected, and what waits to be sent, is
//! kept by [`control::Connections`].
//!
//! The frames are read and written here, by hand: a library's codec keeps the buffers of the largest message that a
//! connection ever had, and copies what it sends once for each member of a group.

mod fault;
mod frame;
mod guest;
mod handshake;
mod reader;
mod session;
mod upgrade;
mod wire;
mod writer;

use control::{CloseCause, Closing, Connections, Routing};
use telemetry::{Metrics, Tracer};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(crate) use self::{handshake::is_asked_for, upgrade::Answered};

/// What all connections share.
pub(crate) struct Sockets {
    pub(crate) routing: Routing,
    pub(crate) connections: Connections,
    pub(crate) metrics: Metrics,
    pub(crate) tracer: Tracer,
    /// The platform stops: connections are closed once their messages under way are handled.
    pub(crate) draining: CancellationToken,
    /// The time for that is over.
    pub(crate) cut: CancellationToken,
    /// The tasks of the connections, which are waited for.
    pub(crate) tasks: TaskTracker,
}

impl Sockets {
    /// How a connection is closed when the platform stops: with advice when to come back, so that not all clients come
    /// at once.
    fn stopping(&self) -> Closing {
        const SOONEST_MS: u16 = 100;
        const SPREAD_MS: u16 = 2_000;
        let wait = SOONEST_MS + u16::from_ne_bytes(self.connections.ids().random()) % SPREAD_MS;
        Closing { code: 1_001, reason: format!("reconnect in {wait} ms"), cause: CloseCause::Shutdown }
    }
}

//! Open WebSockets: who they belong to, what waits to be sent to them, and the groups that they are in.
//!
//! It lives in this server's memory, where the sockets are, and knows neither sockets nor frames: whoever holds a socket
//! opens a [`Connection`] here, takes from it what waits to be sent, and tells it what came.

mod group;
mod history;
mod manage;
mod outbox;
mod registry;
mod watch;

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
};

use bytes::Bytes;
use domain::{
    FunctionName, GroupName, Timestamp, VersionNumber,
    id::{ConnectionId, FunctionId, ProjectId},
};
use tokio::sync::{Notify, broadcast};

pub use self::{
    history::{ConnectionHistory, ConnectionSeries},
    manage::{ConnectionCount, ConnectionFilter},
    outbox::{CloseCause, Closing, Waiting},
    registry::{Connections, Full, Opened},
    watch::Passed,
};
use self::{outbox::Outbox, watch::Watchers};

/// What one message of a connection carries. A cheap clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Whether it is a text message, whose bytes are UTF-8.
    pub is_text: bool,
    /// What it carries.
    pub bytes: Bytes,
}

/// What a connection is opened with; none of it changes.
#[derive(Clone, Debug)]
pub struct NewConnection {
    /// The project of its function.
    pub project: ProjectId,
    /// Its function.
    pub function: (FunctionId, FunctionName),
    /// The version that accepts it.
    pub version: VersionNumber,
    /// The path and query that the client asked for.
    pub path_with_query: String,
    /// Names and values of the route's parameters.
    pub parameters: Vec<(String, String)>,
    /// The address and port that the request came from.
    pub remote_address: String,
    /// The most bytes of a message to the client; [`domain::WebSocketTrigger::sent_bytes`].
    pub sent_bytes: u32,
    /// The most bytes that wait to be sent; [`domain::WebSocketTrigger::buffer_bytes`].
    pub buffer_bytes: u32,
}

/// An open connection, or one that is being opened or closed.
#[derive(Debug)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// What it was opened with.
    pub about: NewConnection,
    /// When it was opened.
    pub connected_at: Timestamp,
    version: AtomicU32,
    state: Mutex<State>,
    /// Apart from the state: whoever changes a membership holds this and then the group, whoever publishes holds the
    /// group and then the state.
    memberships: Mutex<Memberships>,
    /// Wakes whoever holds the socket, when something is to be sent or the connection to be closed.
    changed: Notify,
    counts: Counts,
}

/// What passed over a connection.
#[derive(Debug, Default)]
struct Counts {
    received: AtomicU64,
    received_bytes: AtomicU64,
    sent: AtomicU64,
    sent_bytes: AtomicU64,
    last_active_us: AtomicI64,
}

/// What passed over a connection, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Messages from the client.
    pub received: u64,
    /// Their bytes.
    pub received_bytes: u64,
    /// Messages to the client.
    pub sent: u64,
    /// Their bytes.
    pub sent_bytes: u64,
    /// When the last one passed in either direction; when it was opened, where none did.
    pub last_active_at: Timestamp,
}

/// What changes of a connection.
#[derive(Debug, Default)]
struct State {
    /// Whether it is gone: nothing more is taken in.
    gone: bool,
    subprotocol: Option<String>,
    attachment: Bytes,
    outbox: Outbox,
    watchers: Watchers,
}

/// The groups that a connection is in.
#[derive(Debug, Default)]
struct Memberships {
    /// Whether the connection is gone: it joins no more.
    gone: bool,
    groups: BTreeSet<GroupName>,
}

/// Why something was not done to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreachable {
    /// It is gone.
    Gone,
    /// The message is larger than may be sent to it.
    TooLarge,
    /// Too much waited for the client already; the connection is being closed.
    TooSlow,
}

impl Content {
    /// A text message.
    #[must_use]
    pub fn text(text: String) -> Self {
        Self { is_text: true, bytes: text.into() }
    }

    /// A binary message.
    #[must_use]
    pub fn binary(bytes: Vec<u8>) -> Self {
        Self { is_text: false, bytes: bytes.into() }
    }
}

impl From<runtime::SocketMessage> for Content {
    fn from(message: runtime::SocketMessage) -> Self {
        match message {
            runtime::SocketMessage::Text(text) => Self::text(text),
            runtime::SocketMessage::Binary(bytes) => Self::binary(bytes),
        }
    }
}

impl Connection {
    fn new(id: ConnectionId, about: NewConnection, now: Timestamp) -> Self {
        let counts = Counts { last_active_us: AtomicI64::new(now.as_us()), ..Counts::default() };
        let version = AtomicU32::new(about.version.0);
        let (state, memberships, changed) = (Mutex::default(), Mutex::default(), Notify::new());
        Self { id, about, connected_at: now, version, state, memberships, changed, counts }
    }

    fn memberships(&self) -> MutexGuard<'_, Memberships> {
        self.memberships.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The version that handles its messages.
    #[must_use]
    pub fn version(&self) -> VersionNumber {
        VersionNumber(self.version.load(Relaxed))
    }

    /// Notes that another version handles its messages from now on.
    pub fn move_to(&self, version: VersionNumber) {
        self.version.store(version.0, Relaxed);
    }

    /// The subprotocol that was agreed on.
    #[must_use]
    pub fn subprotocol(&self) -> Option<String> {
        self.state().subprotocol.clone()
    }

    /// Notes the subprotocol that was agreed on.
    pub fn agree_on(&self, subprotocol: Option<String>) {
        self.state().subprotocol = subprotocol;
    }

    /// What is attached to it.
    #[must_use]
    pub fn attachment(&self) -> Bytes {
        self.state().attachment.clone()
    }

    /// Attaches `attachment`, of at most [`domain::connection::MAX_ATTACHMENT_BYTES`].
    ///
    /// # Errors
    ///
    /// [`Unreachable::Gone`].
    pub fn attach(&self, attachment: Bytes) -> Result<(), Unreachable> {
        let mut state = self.state();
        if state.gone {
            return Err(Unreachable::Gone);
        }
        state.attachment = attachment;
        Ok(())
    }

    /// The groups that it is in.
    #[must_use]
    pub fn groups(&self) -> Vec<GroupName> {
        self.memberships().groups.iter().cloned().collect()
    }

    /// Whether it is in `group`.
    #[must_use]
    pub fn is_member(&self, group: &GroupName) -> bool {
        self.memberships().groups.contains(group)
    }

    /// What passed over it.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        let counts = &self.counts;
        Traffic {
            received: counts.received.load(Relaxed),
            received_bytes: counts.received_bytes.load(Relaxed),
            sent: counts.sent.load(Relaxed),
            sent_bytes: counts.sent_bytes.load(Relaxed),
            last_active_at: Timestamp(counts.last_active_us.load(Relaxed)),
        }
    }

    /// Notes a message from the client.
    pub fn received(&self, content: &Content, now: Timestamp) {
        self.state().watchers.tell(content, false, now);
        self.counts.received.fetch_add(1, Relaxed);
        self.counts.received_bytes.fetch_add(content.bytes.len() as u64, Relaxed);
        self.counts.last_active_us.store(now.as_us(), Relaxed);
    }

    /// What passes over it from now on; ends with it. A watcher that is too slow hears how much it missed.
    ///
    /// # Errors
    ///
    /// [`Unreachable::Gone`].
    pub fn watch(&self) -> Result<broadcast::Receiver<Passed>, Unreachable> {
        let mut state = self.state();
        if state.gone { Err(Unreachable::Gone) } else { Ok(state.watchers.add()) }
    }

    /// Has a message sent behind those that wait.
    ///
    /// # Errors
    ///
    /// [`Unreachable::TooSlow`] where more would wait than may; the connection is closed then. [`Unreachable::TooLarge`].
    pub fn send(&self, content: Content) -> Result<(), Unreachable> {
        if content.bytes.len() > self.about.sent_bytes as usize {
            return Err(Unreachable::TooLarge);
        }
        let pushed = {
            let mut state = self.state();
            if state.gone {
                return Err(Unreachable::Gone);
            }
            state.outbox.push(content, self.about.buffer_bytes as usize)
        };
        self.changed.notify_one();
        pushed
    }

    /// Has the connection closed with `closing` after what was sent before. The first one to close it decides.
    ///
    /// # Errors
    ///
    /// [`Unreachable::Gone`].
    pub fn close(&self, closing: Closing) -> Result<(), Unreachable> {
        {
            let mut state = self.state();
            if state.gone {
                return Err(Unreachable::Gone);
            }
            state.outbox.close(closing);
        }
        self.changed.notify_one();
        Ok(())
    }

    /// How it is closed, once that is known.
    #[must_use]
    pub fn closing(&self) -> Option<Closing> {
        self.state().outbox.closing().cloned()
    }

    /// Takes what is to be sent next. A message still counts as waiting until [`Self::sent`].
    #[must_use]
    pub fn next_waiting(&self) -> Option<Waiting> {
        self.state().outbox.next()
    }

    /// How many bytes wait to be sent, those that are being sent included.
    #[must_use]
    pub fn waiting_bytes(&self) -> usize {
        self.state().outbox.waiting_bytes()
    }

    /// Notes that a message was handed to the client's socket.
    pub fn sent(&self, content: &Content, now: Timestamp) {
        {
            let mut state = self.state();
            state.outbox.sent(content.bytes.len());
            state.watchers.tell(content, true, now);
        }
        self.counts.sent.fetch_add(1, Relaxed);
        self.counts.sent_bytes.fetch_add(content.bytes.len() as u64, Relaxed);
        self.counts.last_active_us.store(now.as_us(), Relaxed);
    }

    /// Waits until something may have come to be sent since the last wait. Cancel safe.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }
}

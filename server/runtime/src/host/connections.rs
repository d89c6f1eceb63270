//! What guests ask of open WebSockets.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain::{FunctionName, GroupName, id::ConnectionId};

use crate::SocketMessage;

/// The functions whose connections a guest may reach, besides its own.
pub type Reach = BTreeSet<FunctionName>;

/// Why a call had no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionError {
    /// The connection is closed, or never was.
    Gone,
    /// It is another function's, which is not within reach.
    Undeclared,
    /// An argument is out of bounds; which, and the bound.
    Invalid(String),
    /// The message is larger than may be sent to the connection.
    TooLarge,
    /// Too much waits for the client; the connection is being closed.
    TooSlow,
    /// It cannot be done now.
    Unavailable,
}

/// A connection, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketInfo {
    /// The function that it belongs to.
    pub function: String,
    /// The number of the version that handles its messages.
    pub version: u32,
    /// The path and query that the client asked for.
    pub path_with_query: String,
    /// The subprotocol that was agreed on.
    pub subprotocol: Option<String>,
    /// Its groups, in the order of their names.
    pub groups: Vec<String>,
    /// When it was opened, in microseconds since 1970 UTC.
    pub connected_at_us: u64,
    /// How many bytes wait to be sent.
    pub waiting_bytes: u64,
}

/// The open connections of the project: those of the guest's own function, and those within `reach`.
#[async_trait]
pub trait Connections: Send + Sync {
    /// Sends a message behind those that were sent before.
    async fn send_to(&self, reach: &Reach, id: ConnectionId, message: SocketMessage) -> Result<(), ConnectionError>;

    /// Closes a connection after what was sent to it. Code and reason are within their bounds.
    async fn close(&self, reach: &Reach, id: ConnectionId, code: u16, reason: String) -> Result<(), ConnectionError>;

    /// What is attached to a connection.
    async fn attachment(&self, reach: &Reach, id: ConnectionId) -> Result<Vec<u8>, ConnectionError>;

    /// Attaches something in the place of what was attached before.
    async fn set_attachment(&self, reach: &Reach, id: ConnectionId, bytes: Vec<u8>) -> Result<(), ConnectionError>;

    /// Makes a connection a member of a group.
    async fn join(&self, reach: &Reach, id: ConnectionId, group: GroupName) -> Result<(), ConnectionError>;

    /// Ends a membership; there may have been none.
    async fn leave(&self, reach: &Reach, id: ConnectionId, group: &GroupName) -> Result<(), ConnectionError>;

    /// Sends a message to all members of a group that are within reach and take one of its size, and gives their number.
    async fn publish(&self, reach: &Reach, group: &GroupName, message: SocketMessage) -> Result<u32, ConnectionError>;

    /// How a connection stands.
    async fn info(&self, reach: &Reach, id: ConnectionId) -> Result<SocketInfo, ConnectionError>;

    /// How many members of a group are within reach.
    async fn count(&self, reach: &Reach, group: &GroupName) -> Result<u32, ConnectionError>;
}

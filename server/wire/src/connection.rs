//! Open WebSocket connections, and what passes over them.

use domain::{Timestamp, VersionNumber};
use serde::{Deserialize, Serialize};

/// An open WebSocket connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Connection {
    /// Its id, `con_…`.
    pub id: String,
    /// The function that it belongs to.
    pub function: String,
    /// The version that handles its messages.
    pub version: VersionNumber,
    /// The path and query that the client asked for.
    pub path_with_query: String,
    /// The address and port that the request came from.
    pub remote_address: String,
    /// The subprotocol that was agreed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subprotocol: Option<String>,
    /// The groups that it is in, in the order of their names.
    pub groups: Vec<String>,
    /// When it was opened.
    pub connected_at_us: Timestamp,
    /// When the last message passed in either direction; when it was opened, where none did.
    pub last_active_at_us: Timestamp,
    /// What the function attached to it: text, or base64 where [`Self::attachment_is_base64`]. At most 16 KiB.
    pub attachment: String,
    /// Whether the attachment is not UTF-8 and thus in base64.
    pub attachment_is_base64: bool,
    /// Messages from the client.
    pub received: u64,
    /// Their bytes.
    pub received_bytes: u64,
    /// Messages to the client.
    pub sent: u64,
    /// Their bytes.
    pub sent_bytes: u64,
    /// Bytes that wait to be sent.
    pub waiting_bytes: u64,
}

/// How many connections a version of a function has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionCount {
    /// The function.
    pub function: String,
    /// The version.
    pub version: VersionNumber,
    /// How many are open.
    pub open: u64,
}

/// How many connections there are, by function and version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionCounts {
    /// In the order of functions and versions; those without a connection are left out.
    pub items: Vec<ConnectionCount>,
}

/// How many connections the versions of functions had within the last hour, and have now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionHistory {
    /// When they were counted, the earliest first: every 10 s since the server started, at most an hour ago; the last one
    /// is the present.
    pub at_us: Vec<Timestamp>,
    /// In the order of functions and versions; those without a connection within the hour are left out.
    pub items: Vec<ConnectionSeries>,
}

/// How many connections a version of a function had within the last hour, and has now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionSeries {
    /// The function.
    pub function: String,
    /// The version.
    pub version: VersionNumber,
    /// How many were open at each of the times.
    pub open: Vec<u32>,
}

/// Sends a message to a connection, or to all members of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SendToConnection {
    /// What to send: at most 1 MiB. Sent as a text message, or as a binary one where [`Self::body_is_base64`].
    pub body: String,
    /// Whether the body is in base64.
    #[serde(default)]
    pub body_is_base64: bool,
}

/// How many members a group has, or how many of them a message was sent to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupMembers {
    /// How many.
    pub members: u32,
}

/// Which way a frame passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the client.
    In,
    /// To the client.
    Out,
}

/// A message that passed over a connection while somebody watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionFrame {
    /// When.
    pub at_us: Timestamp,
    /// Which way.
    pub direction: Direction,
    /// Whether it was a text message.
    pub is_text: bool,
    /// How many bytes it had.
    pub bytes: u64,
    /// What it carried: text, or base64 where [`Self::body_is_base64`]; at most its first 4 KiB.
    pub body: String,
    /// Whether the body is in base64.
    pub body_is_base64: bool,
    /// Whether this is only the body's beginning.
    pub body_truncated: bool,
}

//! Connections without sockets: what is sent to each of them is kept, and read by tests.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use domain::{
    GroupName,
    connection::{MAX_GROUPS, MAX_SENT_BYTES},
    id::ConnectionId,
};
use runtime::{ConnectionError, Connections, Reach, Socket, SocketInfo, SocketMessage};

use super::MemoryHost;

/// The function that the guests of a memory host belong to.
const OWN: &str = "own";

/// All connections that were ever opened.
pub(super) type Sockets = BTreeMap<ConnectionId, OpenSocket>;

/// A connection without a socket.
#[derive(Default)]
pub(super) struct OpenSocket {
    function: String,
    attachment: Vec<u8>,
    groups: BTreeSet<GroupName>,
    sent: Vec<SocketMessage>,
    /// Code and reason of its end.
    closed: Option<(u16, String)>,
    /// Its client does not read: nothing more can wait for it.
    is_full: bool,
}

impl OpenSocket {
    fn is_within(&self, reach: &Reach) -> bool {
        self.function == OWN || reach.iter().any(|name| name.as_str() == self.function)
    }
}

impl MemoryHost {
    /// Opens a connection of the guests' own function, as they see it.
    pub(crate) fn open_socket(&self) -> Socket {
        self.open_socket_of(OWN)
    }

    /// Opens a connection of `function`.
    pub(crate) fn open_socket_of(&self, function: &str) -> Socket {
        let mut held = self.held();
        let id = ConnectionId::from_parts(held.sockets.len() as u64, [0; 10]);
        held.sockets.insert(id, OpenSocket { function: function.to_owned(), ..OpenSocket::default() });
        Socket {
            id: id.to_string(),
            path_with_query: "/chat".to_owned(),
            parameters: Vec::new(),
            subprotocol: None,
            attachment: Vec::new(),
            connected_at_us: 1_700_000_000_000_000,
        }
    }

    /// Has the client of a connection read no more.
    pub(crate) fn fill_socket(&self, socket: &Socket) {
        self.socket(socket, |open| open.is_full = true);
    }

    /// Has the client of a connection go away.
    pub(crate) fn end_socket(&self, socket: &Socket) {
        self.socket(socket, |open| open.closed = Some((1_006, String::new())));
    }

    /// What was sent to a connection since this was asked last.
    pub(crate) fn take_received(&self, socket: &Socket) -> Vec<SocketMessage> {
        self.socket(socket, |open| std::mem::take(&mut open.sent))
    }

    /// The same, of text messages.
    pub(crate) fn take_texts(&self, socket: &Socket) -> Vec<String> {
        let text = |message| match message {
            SocketMessage::Text(text) => text,
            SocketMessage::Binary(bytes) => panic!("{} binary bytes", bytes.len()),
        };
        self.take_received(socket).into_iter().map(text).collect()
    }

    /// What is attached to a connection.
    pub(crate) fn attached(&self, socket: &Socket) -> Vec<u8> {
        self.socket(socket, |open| open.attachment.clone())
    }

    /// Code and reason that a connection was closed with.
    pub(crate) fn closed(&self, socket: &Socket) -> Option<(u16, String)> {
        self.socket(socket, |open| open.closed.clone())
    }

    fn socket<T>(&self, socket: &Socket, with: impl FnOnce(&mut OpenSocket) -> T) -> T {
        with(self.held().sockets.get_mut(&socket.id.parse().unwrap()).unwrap())
    }

    /// Does something with an open connection that is within reach.
    fn reached<T>(
        &self,
        reach: &Reach,
        id: ConnectionId,
        with: impl FnOnce(&mut OpenSocket) -> Result<T, ConnectionError>,
    ) -> Result<T, ConnectionError> {
        let mut held = self.held();
        let open = held.sockets.get_mut(&id).filter(|open| open.closed.is_none()).ok_or(ConnectionError::Gone)?;
        if open.is_within(reach) { with(open) } else { Err(ConnectionError::Undeclared) }
    }

    /// Does something with each open member of a group that is within reach; gives how often.
    fn each_member(&self, reach: &Reach, group: &GroupName, mut with: impl FnMut(&mut OpenSocket)) -> u32 {
        let mut held = self.held();
        let is_member = |open: &&mut OpenSocket| {
            open.closed.is_none() && open.groups.contains(group) && open.is_within(reach) && !open.is_full
        };
        let members = held.sockets.values_mut().filter(is_member).map(&mut with).count();
        u32::try_from(members).unwrap()
    }
}

#[async_trait]
impl Connections for MemoryHost {
    async fn send_to(&self, reach: &Reach, id: ConnectionId, message: SocketMessage) -> Result<(), ConnectionError> {
        self.reached(reach, id, |open| {
            if message.len() > MAX_SENT_BYTES as usize {
                return Err(ConnectionError::TooLarge);
            }
            if open.is_full {
                return Err(ConnectionError::TooSlow);
            }
            open.sent.push(message);
            Ok(())
        })
    }

    async fn close(&self, reach: &Reach, id: ConnectionId, code: u16, reason: String) -> Result<(), ConnectionError> {
        self.reached(reach, id, |open| {
            open.closed = Some((code, reason));
            Ok(())
        })
    }

    async fn attachment(&self, reach: &Reach, id: ConnectionId) -> Result<Vec<u8>, ConnectionError> {
        self.reached(reach, id, |open| Ok(open.attachment.clone()))
    }

    async fn set_attachment(&self, reach: &Reach, id: ConnectionId, bytes: Vec<u8>) -> Result<(), ConnectionError> {
        self.reached(reach, id, |open| {
            open.attachment = bytes;
            Ok(())
        })
    }

    async fn join(&self, reach: &Reach, id: ConnectionId, group: GroupName) -> Result<(), ConnectionError> {
        self.reached(reach, id, |open| {
            if open.groups.len() >= MAX_GROUPS && !open.groups.contains(&group) {
                return Err(ConnectionError::Invalid(format!("group is one too many: there are {MAX_GROUPS}")));
            }
            open.groups.insert(group);
            Ok(())
        })
    }

    async fn leave(&self, reach: &Reach, id: ConnectionId, group: &GroupName) -> Result<(), ConnectionError> {
        self.reached(reach, id, |open| {
            open.groups.remove(group);
            Ok(())
        })
    }

    async fn publish(&self, reach: &Reach, group: &GroupName, message: SocketMessage) -> Result<u32, ConnectionError> {
        Ok(self.each_member(reach, group, |open| open.sent.push(message.clone())))
    }

    async fn info(&self, reach: &Reach, id: ConnectionId) -> Result<SocketInfo, ConnectionError> {
        self.reached(reach, id, |open| {
            Ok(SocketInfo {
                function: open.function.clone(),
                version: 1,
                path_with_query: "/chat".to_owned(),
                subprotocol: None,
                groups: open.groups.iter().map(|group| group.as_str().to_owned()).collect(),
                connected_at_us: 1_700_000_000_000_000,
                waiting_bytes: open.sent.iter().map(|message| message.len() as u64).sum(),
            })
        })
    }

    async fn count(&self, reach: &Reach, group: &GroupName) -> Result<u32, ConnectionError> {
        Ok(self.each_member(reach, group, |_| ()))
    }
}

//! What happens on WebSockets: `dormouse:websocket/handler`.

use super::{Event, words};
use crate::{
    account::Account,
    bindings::{websocket, websocket_handler},
    instances::Instance,
    linked::{Handlers, WEBSOCKET},
};

/// What one message of a WebSocket carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocketMessage {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
}

/// An open connection, as its function sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    /// Its id.
    pub id: String,
    /// The path and query that the client asked for.
    pub path_with_query: String,
    /// Names and values of the route's parameters.
    pub parameters: Vec<(String, String)>,
    /// The subprotocol that was agreed on.
    pub subprotocol: Option<String>,
    /// What was attached to it last.
    pub attachment: Vec<u8>,
    /// When it was opened, in microseconds since 1970 UTC.
    pub connected_at_us: u64,
}

/// A client asks to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketRequest {
    /// The id of the connection that may come of it.
    pub connection: String,
    /// The path and query.
    pub path_with_query: String,
    /// The pattern that matched.
    pub route: Option<String>,
    /// Names and values of the route's parameters.
    pub parameters: Vec<(String, String)>,
    /// Names and values of the request's headers.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The subprotocols that the client offers.
    pub subprotocols: Vec<String>,
    /// The address and port that the request came from.
    pub remote_address: String,
}

/// How a guest lets a connection begin. Nothing of it was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SocketAccept {
    /// The subprotocol that it chose.
    pub subprotocol: Option<String>,
    /// What is attached from the first.
    pub attachment: Vec<u8>,
    /// The groups that it is in from the first.
    pub groups: Vec<String>,
}

/// Why a guest wants no connection. Nothing of it was checked, but for the length of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketRefusal {
    /// The status to answer with.
    pub status: u16,
    /// What to say: at most 4 KiB.
    pub body: String,
}

/// A message that came.
pub(crate) struct SocketInput(pub(crate) Socket, pub(crate) SocketMessage);

/// A connection that is gone, with the code and the reason of its end.
pub(crate) struct SocketEnd(pub(crate) Socket, pub(crate) u16, pub(crate) String);

impl SocketMessage {
    /// Its length in bytes.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    /// Whether it carries nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Event for SocketRequest {
    type Answer = Result<SocketAccept, SocketRefusal>;

    const INTERFACE: &str = WEBSOCKET;

    fn is_handled(handlers: &Handlers) -> bool {
        handlers.websocket.is_some()
    }

    fn bytes(&self) -> u64 {
        self.headers.iter().map(|(name, value)| (name.len() + value.len()) as u64).sum()
    }

    async fn run(self, handlers: &Handlers, instance: &mut Instance, _: &Account) -> wasmtime::Result<Self::Answer> {
        let Some(indices) = &handlers.websocket else { return Ok(Ok(SocketAccept::default())) };
        let Instance { store, exports, .. } = instance;
        let handler = indices.load(&mut *store, exports)?;
        let request = websocket_handler::Request::from(self);
        Ok(match handler.call_on_connect(&mut *store, &request).await? {
            Ok(websocket_handler::Accept { subprotocol, attachment, groups }) => {
                Ok(SocketAccept { subprotocol, attachment, groups })
            }
            Err(websocket_handler::Refuse { status, body }) => Err(SocketRefusal { status, body: words(body) }),
        })
    }

    /// A refusal is an answer.
    fn failure(_: &Self::Answer) -> Option<String> {
        None
    }
}

impl Event for SocketInput {
    type Answer = ();

    const INTERFACE: &str = WEBSOCKET;

    fn is_handled(handlers: &Handlers) -> bool {
        handlers.websocket.is_some()
    }

    fn bytes(&self) -> u64 {
        self.1.len() as u64
    }

    async fn run(self, handlers: &Handlers, instance: &mut Instance, _: &Account) -> wasmtime::Result<()> {
        let Some(indices) = &handlers.websocket else { return Ok(()) };
        let Instance { store, exports, .. } = instance;
        let handler = indices.load(&mut *store, exports)?;
        let Self(socket, message) = self;
        handler.call_on_message(&mut *store, &socket.into(), &message.into()).await
    }

    fn failure((): &()) -> Option<String> {
        None
    }
}

impl Event for SocketEnd {
    type Answer = ();

    const INTERFACE: &str = WEBSOCKET;

    fn is_handled(handlers: &Handlers) -> bool {
        handlers.websocket.is_some()
    }

    fn bytes(&self) -> u64 {
        0
    }

    async fn run(self, handlers: &Handlers, instance: &mut Instance, _: &Account) -> wasmtime::Result<()> {
        let Some(indices) = &handlers.websocket else { return Ok(()) };
        let Instance { store, exports, .. } = instance;
        let handler = indices.load(&mut *store, exports)?;
        let Self(socket, code, reason) = self;
        handler.call_on_close(&mut *store, &socket.into(), code, &reason).await
    }

    fn failure((): &()) -> Option<String> {
        None
    }
}

impl From<SocketMessage> for websocket::Message {
    fn from(message: SocketMessage) -> Self {
        match message {
            SocketMessage::Text(text) => Self::Text(text),
            SocketMessage::Binary(bytes) => Self::Binary(bytes),
        }
    }
}

impl From<websocket::Message> for SocketMessage {
    fn from(message: websocket::Message) -> Self {
        match message {
            websocket::Message::Text(text) => Self::Text(text),
            websocket::Message::Binary(bytes) => Self::Binary(bytes),
        }
    }
}

impl From<Socket> for websocket::Connection {
    fn from(socket: Socket) -> Self {
        let Socket { id, path_with_query, parameters, subprotocol, attachment, connected_at_us } = socket;
        Self { id, path_with_query, parameters, subprotocol, attachment, connected_at_us }
    }
}

impl From<SocketRequest> for websocket_handler::Request {
    fn from(request: SocketRequest) -> Self {
        let SocketRequest { connection, path_with_query, route, parameters, headers, subprotocols, remote_address } =
            request;
        Self { connection, path_with_query, route, parameters, headers, subprotocols, remote_address }
    }
}

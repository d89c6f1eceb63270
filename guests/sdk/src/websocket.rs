//! WebSockets: serves connections, and sends to those that are open.
//!
//! The platform holds the sockets. Between two messages there is no instance: what has to outlast one is attached to the
//! connection, or kept by key.

#[doc(hidden)]
pub mod connected {
    wit_bindgen::generate!({
        path: "../../wit/websocket",
        world: "connected",
        pub_export_macro: true,
        export_macro_name: "export_websocket",
        default_bindings_module: "dormouse::websocket::connected",
    });

    pub use exports::dormouse::websocket::handler::Guest;
}

mod values;

use connected::dormouse::websocket::connections;
pub use connected::{
    dormouse::websocket::{
        connections::{ConnectionInfo, Error},
        types::{Connection, Message},
    },
    exports::dormouse::websocket::handler::{Accept, Refuse, Request},
};
use serde::Serialize;

/// What a function does with its connections.
///
/// The calls for one connection come one after the other, in the order of what happened on it; those for different
/// connections run at the same time, each in an instance of its own. [`websocket!`](crate::websocket!) exports it.
pub trait WebSocket {
    /// Accepts a connection, or refuses it. The client waits for it with its handshake; what is sent to the connection
    /// from here reaches the client after the handshake.
    ///
    /// A panic refuses the connection. Accepts it where nothing else is said.
    ///
    /// # Errors
    ///
    /// Why there is no connection.
    fn connect(request: &Request) -> Result<Accept, Refuse> {
        let _ = request;
        Ok(Accept::default())
    }

    /// Handles one message. The next one of this connection waits.
    ///
    /// A panic closes the connection with 1011.
    fn message(connection: &Connection, message: Message);

    /// Hears that the connection is gone: once, as well as the platform can. Does nothing where nothing else is said.
    ///
    /// The code and the reason are those of the side that closed it; 1006 stands for a connection that broke off.
    fn close(connection: &Connection, code: u16, reason: &str) {
        let _ = (connection, code, reason);
    }
}

/// Sends a message to a connection, behind those that were sent before: of at most 1 MiB, or what the trigger takes from
/// the client where that is more. That it was sent does not tell that the client has it.
///
/// # Errors
///
/// [`Error::Gone`] when the connection is closed, [`Error::Undeclared`] when it is of a function that the version's
/// `connections_of` does not list, [`Error::TooSlow`] when its client does not read; else why it was not sent.
pub fn send(connection: &str, message: impl Into<Message>) -> Result<(), Error> {
    connections::send(connection, &message.into())
}

/// Sends `value` as JSON to a connection.
///
/// # Errors
///
/// As for [`send`]; [`Error::Invalid`] when the value cannot be written as JSON.
pub fn send_json<T: Serialize>(connection: &str, value: &T) -> Result<(), Error> {
    send(connection, json(value)?)
}

/// Closes a connection after what was sent to it: with 1000 or a code from 3000 to 4999, and a reason of at most 123
/// bytes.
///
/// # Errors
///
/// As for [`send`]; [`Error::Invalid`] when the code or the reason is out of bounds.
pub fn close(connection: &str, code: u16, reason: &str) -> Result<(), Error> {
    connections::close(connection, code, reason)
}

/// Makes a connection a member of a group, whose name has 1 to 128 bytes. A connection is in at most 64 groups.
///
/// # Errors
///
/// As for [`send`]; [`Error::Invalid`] when the name or the number of groups is out of bounds.
pub fn join(connection: &str, group: &str) -> Result<(), Error> {
    connections::join(connection, group)
}

/// Ends a membership; there may have been none.
///
/// # Errors
///
/// As for [`join`].
pub fn leave(connection: &str, group: &str) -> Result<(), Error> {
    connections::leave(connection, group)
}

/// Sends a message to all members of a group, and says to how many. Members that are connections of functions other than
/// this one and those that the version's `connections_of` lists are passed over, as are those to which so large a message
/// may not be sent.
///
/// # Errors
///
/// [`Error::Invalid`] when the name is out of bounds.
pub fn publish(group: &str, message: impl Into<Message>) -> Result<u32, Error> {
    connections::publish(group, &message.into())
}

/// Sends `value` as JSON to all members of a group, and says to how many.
///
/// # Errors
///
/// As for [`publish`]; [`Error::Invalid`] also when the value cannot be written as JSON.
pub fn publish_json<T: Serialize>(group: &str, value: &T) -> Result<u32, Error> {
    publish(group, json(value)?)
}

/// How many members of a group [`publish`] would reach.
///
/// # Errors
///
/// [`Error::Invalid`] when the name is out of bounds.
pub fn count(group: &str) -> Result<u32, Error> {
    connections::count(group)
}

/// How a connection stands.
///
/// # Errors
///
/// As for [`send`].
pub fn info(connection: &str) -> Result<ConnectionInfo, Error> {
    connections::info(connection)
}

/// What is attached to a connection now; empty where nothing is.
///
/// # Errors
///
/// As for [`send`].
pub fn attachment(connection: &str) -> Result<Vec<u8>, Error> {
    connections::attachment(connection)
}

/// Attaches at most 16 KiB to a connection, in the place of what was attached before.
///
/// # Errors
///
/// As for [`send`]; [`Error::TooLarge`] when it is larger.
pub fn set_attachment(connection: &str, attachment: &[u8]) -> Result<(), Error> {
    connections::set_attachment(connection, attachment)
}

fn json<T: Serialize>(value: &T) -> Result<Message, Error> {
    Message::json(value).map_err(|error| Error::Invalid(error.to_string()))
}

/// Has a type serve WebSockets.
///
/// Takes the path of a type that implements [`WebSocket`](websocket::WebSocket). Stands once in a component.
///
/// ```ignore
/// use dormouse::websocket::{Connection, Message, WebSocket};
///
/// struct Echo;
///
/// dormouse::websocket!(Echo);
///
/// impl WebSocket for Echo {
///     fn message(connection: &Connection, message: Message) {
///         if let Err(error) = connection.send(message) {
///             dormouse::log!("{} got no echo: {error}", connection.id);
///         }
///     }
/// }
/// ```
///
/// [websocket::WebSocket]: websocket::WebSocket
#[macro_export]
macro_rules! websocket {
    ($handler:path) => {
        const _: () = {
            struct Handler;
            impl $crate::websocket::connected::Guest for Handler {
                fn on_connect(
                    request: $crate::websocket::Request,
                ) -> ::std::result::Result<$crate::websocket::Accept, $crate::websocket::Refuse> {
                    <$handler as $crate::websocket::WebSocket>::connect(&request)
                }

                fn on_message(connection: $crate::websocket::Connection, message: $crate::websocket::Message) {
                    <$handler as $crate::websocket::WebSocket>::message(&connection, message)
                }

                fn on_close(connection: $crate::websocket::Connection, code: u16, reason: ::std::string::String) {
                    <$handler as $crate::websocket::WebSocket>::close(&connection, code, &reason)
                }
            }
            $crate::websocket::connected::export_websocket! { Handler with_types_in $crate::websocket::connected }
        };
    };
}

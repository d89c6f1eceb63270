//! Open WebSockets: `dormouse:websocket/connections`.

use domain::{
    GroupName,
    connection::{MAX_ATTACHMENT_BYTES, check_close},
    id::ConnectionId,
};

use crate::{
    bindings::{
        connections::{self, ConnectionInfo, Error},
        websocket::Message,
    },
    host::{ConnectionError, SocketInfo},
    state::Guest,
};

impl From<ConnectionError> for Error {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::Gone => Self::Gone,
            ConnectionError::Undeclared => Self::Undeclared,
            ConnectionError::Invalid(why) => Self::Invalid(why),
            ConnectionError::TooLarge => Self::TooLarge,
            ConnectionError::TooSlow => Self::TooSlow,
            ConnectionError::Unavailable => Self::Unavailable,
        }
    }
}

impl From<SocketInfo> for ConnectionInfo {
    fn from(info: SocketInfo) -> Self {
        let SocketInfo { function, version, path_with_query, subprotocol, groups, connected_at_us, waiting_bytes } =
            info;
        Self { function, version, path_with_query, subprotocol, groups, connected_at_us, waiting_bytes }
    }
}

/// What is no id was never a connection.
fn id(text: &str) -> Result<ConnectionId, Error> {
    text.parse().map_err(|_| Error::Gone)
}

fn group(name: String) -> Result<GroupName, Error> {
    name.try_into().map_err(invalid)
}

fn invalid(invalid: domain::Invalid) -> Error {
    Error::Invalid(format!("{} {}", invalid.field, invalid.message))
}

/// Unwraps a checked argument, or tells the guest what is wrong with it.
macro_rules! checked {
    ($argument:expr) => {
        match $argument {
            Ok(argument) => argument,
            Err(error) => return Ok(Err(error)),
        }
    };
}

impl Guest {
    /// What the guest is told; its log is told what is missing from the version's configuration.
    fn told<T>(&mut self, what: &str, result: Result<T, ConnectionError>) -> wasmtime::Result<Result<T, Error>> {
        if matches!(result, Err(ConnectionError::Undeclared)) {
            self.note(&format!("dormouse: {what} belongs to a function that is not in the version's connections_of"));
        }
        Ok(result.map_err(Into::into))
    }
}

impl connections::Host for Guest {
    async fn send(&mut self, connection: String, message: Message) -> wasmtime::Result<Result<(), Error>> {
        let grants = self.grants()?;
        let to = checked!(id(&connection));
        let sent = grants.host.send_to(&grants.connections_of, to, message.into()).await;
        self.told(&connection, sent)
    }

    async fn close(&mut self, connection: String, code: u16, reason: String) -> wasmtime::Result<Result<(), Error>> {
        let grants = self.grants()?;
        let which = checked!(id(&connection));
        checked!(check_close(code, &reason).map_err(invalid));
        let closed = grants.host.close(&grants.connections_of, which, code, reason).await;
        self.told(&connection, closed)
    }

    async fn attachment(&mut self, connection: String) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        let grants = self.grants()?;
        let which = checked!(id(&connection));
        let attachment = grants.host.attachment(&grants.connections_of, which).await;
        self.told(&connection, attachment)
    }

    async fn set_attachment(&mut self, connection: String, attachment: Vec<u8>) -> wasmtime::Result<Result<(), Error>> {
        let grants = self.grants()?;
        let which = checked!(id(&connection));
        if attachment.len() > MAX_ATTACHMENT_BYTES {
            return Ok(Err(Error::TooLarge));
        }
        let set = grants.host.set_attachment(&grants.connections_of, which, attachment).await;
        self.told(&connection, set)
    }

    async fn join(&mut self, connection: String, name: String) -> wasmtime::Result<Result<(), Error>> {
        let grants = self.grants()?;
        let (which, group) = (checked!(id(&connection)), checked!(group(name)));
        let joined = grants.host.join(&grants.connections_of, which, group).await;
        self.told(&connection, joined)
    }

    async fn leave(&mut self, connection: String, name: String) -> wasmtime::Result<Result<(), Error>> {
        let grants = self.grants()?;
        let (which, group) = (checked!(id(&connection)), checked!(group(name)));
        let left = grants.host.leave(&grants.connections_of, which, &group).await;
        self.told(&connection, left)
    }

    async fn publish(&mut self, name: String, message: Message) -> wasmtime::Result<Result<u32, Error>> {
        let grants = self.grants()?;
        let group = checked!(group(name));
        let published = grants.host.publish(&grants.connections_of, &group, message.into()).await;
        self.told("the group", published)
    }

    async fn info(&mut self, connection: String) -> wasmtime::Result<Result<ConnectionInfo, Error>> {
        let grants = self.grants()?;
        let which = checked!(id(&connection));
        let info = grants.host.info(&grants.connections_of, which).await;
        self.told(&connection, info.map(Into::into))
    }

    async fn count(&mut self, name: String) -> wasmtime::Result<Result<u32, Error>> {
        let grants = self.grants()?;
        let group = checked!(group(name));
        let count = grants.host.count(&grants.connections_of, &group).await;
        self.told("the group", count)
    }
}

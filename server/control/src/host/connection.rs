//! The project's open WebSockets.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{GroupName, id::ConnectionId};
use runtime::{ConnectionError, Reach, SocketInfo, SocketMessage};

use super::VersionHost;
use crate::connection::{CloseCause, Closing, Connection, Unreachable};

impl From<Unreachable> for ConnectionError {
    fn from(why: Unreachable) -> Self {
        match why {
            Unreachable::Gone => Self::Gone,
            Unreachable::TooLarge => Self::TooLarge,
            Unreachable::TooSlow => Self::TooSlow,
        }
    }
}

impl VersionHost {
    /// A connection within `reach`.
    fn connection(&self, reach: &Reach, id: ConnectionId) -> Result<Arc<Connection>, ConnectionError> {
        let found = self.shared.connections.find(self.home.project.id, id).ok_or(ConnectionError::Gone)?;
        if found.is_within(self.home.id, reach) { Ok(found) } else { Err(ConnectionError::Undeclared) }
    }
}

#[async_trait]
impl runtime::Connections for VersionHost {
    async fn send_to(&self, reach: &Reach, id: ConnectionId, message: SocketMessage) -> Result<(), ConnectionError> {
        Ok(self.connection(reach, id)?.send(message.into())?)
    }

    async fn close(&self, reach: &Reach, id: ConnectionId, code: u16, reason: String) -> Result<(), ConnectionError> {
        Ok(self.connection(reach, id)?.close(Closing { code, reason, cause: CloseCause::Guest })?)
    }

    async fn attachment(&self, reach: &Reach, id: ConnectionId) -> Result<Vec<u8>, ConnectionError> {
        Ok(self.connection(reach, id)?.attachment().into())
    }

    async fn set_attachment(&self, reach: &Reach, id: ConnectionId, bytes: Vec<u8>) -> Result<(), ConnectionError> {
        Ok(self.connection(reach, id)?.attach(bytes.into())?)
    }

    async fn join(&self, reach: &Reach, id: ConnectionId, group: GroupName) -> Result<(), ConnectionError> {
        let connection = self.connection(reach, id)?;
        let joined = self.shared.connections.join(&connection, group)?;
        joined.map_err(|invalid| ConnectionError::Invalid(format!("{} {}", invalid.field, invalid.message)))
    }

    async fn leave(&self, reach: &Reach, id: ConnectionId, group: &GroupName) -> Result<(), ConnectionError> {
        self.shared.connections.leave(&*self.connection(reach, id)?, group);
        Ok(())
    }

    async fn publish(&self, reach: &Reach, group: &GroupName, message: SocketMessage) -> Result<u32, ConnectionError> {
        let reached = |connection: &Connection| connection.is_within(self.home.id, reach);
        Ok(self.shared.connections.publish(self.home.project.id, group, &message.into(), reached).await)
    }

    async fn info(&self, reach: &Reach, id: ConnectionId) -> Result<SocketInfo, ConnectionError> {
        let connection = self.connection(reach, id)?;
        Ok(SocketInfo {
            function: connection.about.function.1.to_string(),
            version: connection.version().0,
            path_with_query: connection.about.path_with_query.clone(),
            subprotocol: connection.subprotocol(),
            groups: connection.groups().iter().map(ToString::to_string).collect(),
            connected_at_us: u64::try_from(connection.connected_at.as_us()).unwrap_or(0),
            waiting_bytes: connection.waiting_bytes() as u64,
        })
    }

    async fn count(&self, reach: &Reach, group: &GroupName) -> Result<u32, ConnectionError> {
        let counted = |connection: &Connection| connection.is_within(self.home.id, reach);
        Ok(self.shared.connections.count(self.home.project.id, group, counted))
    }
}

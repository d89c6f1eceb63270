//! A host to which nobody is connected.

use async_trait::async_trait;
use domain::{GroupName, id::ConnectionId};
use runtime::{ConnectionError, Connections, Reach, SocketInfo, SocketMessage};

use super::MemoryHost;

#[async_trait]
impl Connections for MemoryHost {
    async fn send_to(&self, _: &Reach, _: ConnectionId, _: SocketMessage) -> Result<(), ConnectionError> {
        Err(ConnectionError::Gone)
    }

    async fn close(&self, _: &Reach, _: ConnectionId, _: u16, _: String) -> Result<(), ConnectionError> {
        Err(ConnectionError::Gone)
    }

    async fn attachment(&self, _: &Reach, _: ConnectionId) -> Result<Vec<u8>, ConnectionError> {
        Err(ConnectionError::Gone)
    }

    async fn set_attachment(&self, _: &Reach, _: ConnectionId, _: Vec<u8>) -> Result<(), ConnectionError> {
        Err(ConnectionError::Gone)
    }

    async fn join(&self, _: &Reach, _: ConnectionId, _: GroupName) -> Result<(), ConnectionError> {
        Err(ConnectionError::Gone)
    }

    async fn leave(&self, _: &Reach, _: ConnectionId, _: &GroupName) -> Result<(), ConnectionError> {
        Err(ConnectionError::Gone)
    }

    async fn publish(&self, _: &Reach, _: &GroupName, _: SocketMessage) -> Result<u32, ConnectionError> {
        Ok(0)
    }

    async fn info(&self, _: &Reach, _: ConnectionId) -> Result<SocketInfo, ConnectionError> {
        Err(ConnectionError::Gone)
    }

    async fn count(&self, _: &Reach, _: &GroupName) -> Result<u32, ConnectionError> {
        Ok(0)
    }
}

//! Sending to the project's queues.

use async_trait::async_trait;
use domain::QueueName;
use runtime::{NewMessage, ProducerError};

use super::VersionHost;

#[async_trait]
impl runtime::Producer for VersionHost {
    async fn send(&self, _: &QueueName, _: Vec<NewMessage>) -> Result<Vec<String>, ProducerError> {
        Err(ProducerError::Unavailable)
    }
}

//! Sending to the project's queues.

use async_trait::async_trait;
use domain::{
    QueueName,
    queue::{MAX_BATCH_BYTES, NewMessage},
};
use runtime::ProducerError;

use super::{VersionHost, unavailable};
use crate::Error;

#[async_trait]
impl runtime::Producer for VersionHost {
    async fn send(&self, queue: &QueueName, messages: Vec<runtime::NewMessage>) -> Result<Vec<String>, ProducerError> {
        if messages.iter().map(|message| message.body.len()).sum::<usize>() > MAX_BATCH_BYTES {
            return Err(ProducerError::TooLarge);
        }
        let messages = messages.into_iter().map(message).collect();
        match self.shared.queues.send(self.home.project.id, queue, messages).await {
            Ok(ids) => Ok(ids.iter().map(ToString::to_string).collect()),
            Err(Error::NotFound { .. }) => Err(ProducerError::Missing),
            Err(Error::Invalid(invalid)) => {
                let told = invalid.first().map(|invalid| format!("{} {}", invalid.field, invalid.message));
                Err(ProducerError::Invalid(told.unwrap_or_default()))
            }
            Err(error) => Err(unavailable(&error, "a queue", ProducerError::Unavailable)),
        }
    }
}

fn message(message: runtime::NewMessage) -> NewMessage {
    let runtime::NewMessage { body, content_type, attributes, group, deduplication_key, delay_ms } = message;
    NewMessage { body, content_type, attributes: attributes.into_iter().collect(), group, deduplication_key, delay_ms }
}

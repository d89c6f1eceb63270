//! Sending to queues: `dormouse:queue/producer`.

use super::declared;
use crate::{
    bindings::producer::{self, Error},
    bounds,
    host::{NewMessage, ProducerError},
    state::Guest,
};

impl From<ProducerError> for Error {
    fn from(error: ProducerError) -> Self {
        match error {
            ProducerError::Missing => Self::Missing,
            ProducerError::Invalid(why) => Self::Invalid(why),
            ProducerError::TooLarge => Self::TooLarge,
            ProducerError::OverQuota => Self::OverQuota,
            ProducerError::Unavailable => Self::Unavailable,
        }
    }
}

impl From<producer::NewMessage> for NewMessage {
    fn from(message: producer::NewMessage) -> Self {
        let producer::NewMessage { body, content_type, attributes, group, deduplication_key, delay_ms } = message;
        Self { body, content_type, attributes, group, deduplication_key, delay_ms }
    }
}

impl producer::Host for Guest {
    async fn send(&mut self, queue: String, message: producer::NewMessage) -> wasmtime::Result<Result<String, Error>> {
        let sent = self.send_batch(queue, vec![message]).await?;
        Ok(sent.and_then(|ids| ids.into_iter().next().ok_or(Error::Unavailable)))
    }

    async fn send_batch(
        &mut self,
        queue: String,
        messages: Vec<producer::NewMessage>,
    ) -> wasmtime::Result<Result<Vec<String>, Error>> {
        let grants = self.grants()?;
        let Some(name) = declared(&grants.queues, &queue) else {
            self.note(&format!("dormouse: the queue {queue:?} is not in the version's sends_to"));
            return Ok(Err(Error::Undeclared));
        };
        if messages.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        if messages.len() > bounds::BATCH || messages.iter().any(|one| one.body.len() > bounds::MESSAGE_BYTES) {
            return Ok(Err(Error::TooLarge));
        }
        let messages = messages.into_iter().map(Into::into).collect();
        Ok(grants.host.send(name, messages).await.map_err(Into::into))
    }
}

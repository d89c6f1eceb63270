//! Batches of messages: `dormouse:queue/consumer`.

use std::time::Duration;

use super::{Event, words};
use crate::{
    account::Account,
    bindings::{queue, queue_consumer},
    instances::Instance,
    linked::{CONSUMER, Handlers},
};

/// Messages of one queue that a guest handles in one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The queue's name.
    pub queue: String,
    /// At least one.
    pub messages: Vec<Message>,
}

/// One message as its consumer sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// What was sent.
    pub body: Vec<u8>,
    /// The media type of the body.
    pub content_type: String,
    /// What the sender said besides.
    pub attributes: Vec<(String, String)>,
    /// The group whose order it keeps.
    pub group: Option<String>,
    /// How often it was handed to a consumer, this time included.
    pub receives: u32,
    /// When it came into this queue, in microseconds since 1970 UTC.
    pub enqueued_at_us: u64,
    /// When it was first sent.
    pub first_enqueued_at_us: u64,
}

/// What a guest says became of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// It is done.
    Ack,
    /// It is to be handed out again: after this time, at most [`Self::MOST_DELAY`], or after the queue's backoff.
    Retry(Option<Duration>),
    /// It can never be handled, for this reason, of which 4 KiB are kept.
    Reject(String),
}

impl Disposition {
    /// The longest that a guest can put off a message.
    pub const MOST_DELAY: Duration = Duration::from_mins(15);
}

impl Event for Batch {
    type Answer = Vec<Disposition>;

    const INTERFACE: &str = CONSUMER;

    fn is_handled(handlers: &Handlers) -> bool {
        handlers.consumer.is_some()
    }

    fn bytes(&self) -> u64 {
        self.messages.iter().map(|message| message.body.len() as u64).sum()
    }

    async fn run(
        self,
        handlers: &Handlers,
        instance: &mut Instance,
        account: &Account,
    ) -> wasmtime::Result<Vec<Disposition>> {
        let Some(indices) = &handlers.consumer else { return Ok(Vec::new()) };
        let Instance { store, exports, .. } = instance;
        let consumer = indices.load(&mut *store, exports)?;
        let messages = self.messages.len();
        let batch = queue_consumer::Batch::from(self);
        let outcomes = consumer.call_consume(&mut *store, &batch).await?;
        if outcomes.len() != messages {
            let said = outcomes.len();
            account.with_logs(|logs| {
                logs.note(&format!(
                    "dormouse: the consumer gave {said} outcomes for {messages} messages; messages without one are \
                     retried"
                ));
            });
        }
        let mut dispositions: Vec<_> = outcomes.into_iter().map(Disposition::from).collect();
        dispositions.resize(messages, Disposition::Retry(None));
        Ok(dispositions)
    }

    fn failure(_: &Vec<Disposition>) -> Option<String> {
        None
    }
}

impl From<Batch> for queue_consumer::Batch {
    fn from(batch: Batch) -> Self {
        let Batch { queue, messages } = batch;
        Self { queue, messages: messages.into_iter().map(Into::into).collect() }
    }
}

impl From<Message> for queue::Message {
    fn from(message: Message) -> Self {
        let Message { id, body, content_type, attributes, group, receives, enqueued_at_us, first_enqueued_at_us } =
            message;
        Self { id, body, content_type, attributes, group, receives, enqueued_at_us, first_enqueued_at_us }
    }
}

impl From<queue_consumer::Outcome> for Disposition {
    fn from(outcome: queue_consumer::Outcome) -> Self {
        match outcome {
            queue_consumer::Outcome::Ack => Self::Ack,
            queue_consumer::Outcome::Retry(delay) => {
                Self::Retry(delay.map(|ms| Duration::from_millis(ms).min(Self::MOST_DELAY)))
            }
            queue_consumer::Outcome::Reject(reason) => Self::Reject(words(reason)),
        }
    }
}

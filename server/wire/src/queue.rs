//! Queues, their messages, and moving dead letters.

use std::collections::BTreeMap;

use domain::{
    Timestamp,
    queue::{MessageState, RedriveState},
};
use serde::{Deserialize, Serialize};

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Queue {
    /// Its id, `que_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How long it keeps messages, in seconds.
    pub retention_s: u32,
    /// Where messages go that no attempt could settle, if the consumer does not say otherwise; absent, they are
    /// handed out until they are too old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letter_queue: Option<String>,
    /// Whether it hands out nothing for now.
    pub paused: bool,
    /// When it was created.
    pub created_at_us: Timestamp,
    /// What it holds.
    pub depth: QueueDepth,
}

/// What a queue holds, and what became of the messages that it held.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueueDepth {
    /// Messages that it holds.
    pub messages: u64,
    /// Those of them that were handed out and whose lease lasts.
    pub in_flight: u64,
    /// Those of them that are held back by a delay or until their next attempt; counted up to 10,000.
    pub delayed: u64,
    /// When the one came that is there longest; absent where it is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_at_us: Option<Timestamp>,
    /// Messages that ever came, by sending or by moving.
    pub sent: u64,
    /// Messages that a consumer was done with.
    pub acknowledged: u64,
    /// Messages that moved to a dead-letter queue.
    pub dead: u64,
    /// Messages that were deleted because they were too old.
    pub expired: u64,
}

/// Asks for a new queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateQueue {
    /// Its name: 1 to 48 of `a-z`, `0-9` and `-`, the first a letter.
    pub name: String,
    /// How long it keeps messages, in seconds: 60 to 1,209,600 (14 days), which is the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_s: Option<u32>,
    /// Its dead-letter queue, which must be there; none by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letter_queue: Option<String>,
}

/// Asks to change a queue; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateQueue {
    /// How long it keeps messages, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_s: Option<u32>,
    /// Its dead-letter queue; empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letter_queue: Option<String>,
}

/// Sends one message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// The body as text, or in base64 where [`Self::body_is_base64`]: at most 256 KiB.
    #[serde(default)]
    pub body: String,
    /// Whether the body is in base64.
    #[serde(default)]
    pub body_is_base64: bool,
    /// The body's type; `text/plain` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Names and values: at most 10, names of at most 64 of `A-Z`, `a-z`, `0-9`, `-`, `_` and `.`, values of at
    /// most 1 KiB.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// Messages of one group are handed out in order, one batch at a time: at most 128 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// A message with the key of another that came within the last 5 minutes is that one: at most 128 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deduplication_key: Option<String>,
    /// How long it is held back, in milliseconds: at most 900,000. It holds back its group.
    #[serde(default)]
    pub delay_ms: u32,
}

/// Sends several messages, all or none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SendMessages {
    /// The messages in their order: 1 to 100, with bodies of at most 1 MiB together.
    pub messages: Vec<SendMessage>,
}

/// A message that was sent: it is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SentMessage {
    /// Its id, `msg_…`: that of an earlier message where that had the same deduplication key.
    pub id: String,
}

/// Messages that were sent: they are on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SentMessages {
    /// Their ids in the order in which they were sent.
    pub ids: Vec<String>,
}

/// A message in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueueMessage {
    /// Its id, `msg_…`, wherever it moves.
    pub id: String,
    /// Where it stands.
    pub state: MessageState,
    /// When it may be handed out: the end of its delay, of the wait for its next attempt, or of its lease.
    pub available_at_us: Timestamp,
    /// The group that it is handed out in order with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// How often it was handed out in this queue.
    pub receives: u32,
    /// How often it was handed out in all.
    pub attempts: u32,
    /// When it came to this queue.
    pub enqueued_at_us: Timestamp,
    /// When it was sent.
    pub first_enqueued_at_us: Timestamp,
    /// The queue that it was moved from as a dead letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_queue: Option<String>,
    /// What went wrong, by attempt.
    pub errors: Vec<AttemptError>,
    /// The body's type.
    pub content_type: String,
    /// Names and values.
    pub attributes: BTreeMap<String, String>,
    /// The body: text, or base64 where [`Self::body_is_base64`].
    pub body: String,
    /// Whether the body is not UTF-8 and thus in base64.
    pub body_is_base64: bool,
    /// Whether this is only the body's beginning, as in lists those of more than 4 KiB are.
    pub body_truncated: bool,
    /// How long the body is.
    pub body_bytes: u64,
}

/// What went wrong in one attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttemptError {
    /// The attempt, counted over the message's whole life.
    pub attempt: u32,
    /// When it ended, or was seen to have been given up.
    pub at_us: Timestamp,
    /// Why.
    pub error: String,
}

/// Asks to delete all messages of a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PurgeQueue {
    /// The queue's name once more, so that nobody empties another than they think.
    pub queue: String,
}

/// What a purge did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PurgedQueue {
    /// Messages that were deleted.
    pub messages: u64,
}

/// Asks to move a queue's messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CreateRedrive {
    /// The queue that they go to; absent, each goes to the one that it came from as a dead letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The most messages in a second: 1 to 1,000. 100 where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_per_s: Option<u32>,
}

/// The move of a queue's messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Redrive {
    /// Its id, `rdr_…`.
    pub id: String,
    /// The queue that the messages go to; absent, each goes to the one that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The most messages in a second.
    pub rate_per_s: u32,
    /// How far it has come.
    pub state: RedriveState,
    /// The messages that were there when it began.
    pub total: u64,
    /// Those that were moved.
    pub moved: u64,
    /// Those that stay: in flight, or from a queue that is gone or not known.
    pub skipped: u64,
    /// Who began it.
    pub created_by: String,
    /// When it began.
    pub created_at_us: Timestamp,
    /// When it ended; absent while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at_us: Option<Timestamp>,
}

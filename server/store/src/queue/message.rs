//! Messages: rows of `message`, with what went wrong with each.

use std::collections::BTreeMap;

use domain::{
    Timestamp,
    id::{MessageId, QueueId},
    queue::MessageState,
};

use super::sequences::{ids, listed};
use crate::{Error, Page, Reader, Transaction, column::column, connection::on, page::one_more};

/// Where a message stands in the order of its queue.
pub type MessagePosition = i64;

/// A message in a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedMessage {
    /// Identifies it, wherever it moves.
    pub id: MessageId,
    /// Where it stands in the order of its queue.
    pub sequence: MessagePosition,
    /// The group that it is handed out in order with.
    pub group: Option<String>,
    /// When it may be handed out: the end of its delay, of the wait for its next attempt, or of its lease.
    pub available_at_us: Timestamp,
    /// Whether it was handed out and never settled.
    pub leased: bool,
    /// How often it was handed out in this queue.
    pub receives: u32,
    /// How often it was handed out in all.
    pub attempts: u32,
    /// When it came to this queue.
    pub enqueued_at_us: Timestamp,
    /// When it was sent.
    pub first_enqueued_at_us: Timestamp,
    /// The queue that it was moved from as a dead letter.
    pub source_queue_id: Option<QueueId>,
    /// The body's type.
    pub content_type: String,
    /// Names and values.
    pub attributes: BTreeMap<String, String>,
    /// How long the body is.
    pub body_bytes: u64,
    /// The body; in lists, its first [`Self::SHOWN_BYTES`].
    pub body: Vec<u8>,
}

impl QueuedMessage {
    /// How much of a body a list shows.
    pub const SHOWN_BYTES: usize = 4 << 10;

    /// Where it stands at `now`.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> MessageState {
        if self.available_at_us <= now {
            MessageState::Ready
        } else if self.leased {
            MessageState::InFlight
        } else {
            MessageState::Delayed
        }
    }
}

/// What went wrong in one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageError {
    /// The attempt, counted over the message's whole life: 1, 2, 3….
    pub attempt: u32,
    /// When it was settled, or seen to have been given up.
    pub at_us: Timestamp,
    /// Why.
    pub error: String,
}

#[derive(sqlx::FromRow)]
pub(super) struct MessageRow {
    pub(super) id: String,
    pub(super) sequence: i64,
    pub(super) group_key: Option<String>,
    pub(super) available_at_us: i64,
    pub(super) lease_token: Option<String>,
    pub(super) receives: i64,
    pub(super) attempts: i64,
    enqueued_at_us: i64,
    first_enqueued_at_us: i64,
    source_queue_id: Option<String>,
    content_type: String,
    attributes: String,
    body_bytes: i64,
    body: Vec<u8>,
}

impl TryFrom<MessageRow> for QueuedMessage {
    type Error = Error;

    fn try_from(row: MessageRow) -> Result<Self, Error> {
        let source = |id: String| column("message", "source_queue_id").parse(&id);
        Ok(Self {
            id: column("message", "id").parse(&row.id)?,
            sequence: row.sequence,
            group: row.group_key,
            available_at_us: Timestamp(row.available_at_us),
            leased: row.lease_token.is_some(),
            receives: column("message", "receives").number(row.receives)?,
            attempts: column("message", "attempts").number(row.attempts)?,
            enqueued_at_us: Timestamp(row.enqueued_at_us),
            first_enqueued_at_us: Timestamp(row.first_enqueued_at_us),
            source_queue_id: row.source_queue_id.map(source).transpose()?,
            content_type: row.content_type,
            attributes: column("message", "attributes").json(&row.attributes)?,
            body_bytes: column("message", "body").number(row.body_bytes)?,
            body: row.body,
        })
    }
}

/// The columns of a [`MessageRow`], in front of the part of a query that says which.
macro_rules! select_message {
    ($which:literal) => {
        $crate::queue::message::select_message!("body", $which)
    };
    ($body:literal, $which:literal) => {
        concat!(
            "
            select id, sequence, group_key, available_at_us, lease_token, receives, attempts, enqueued_at_us,
                first_enqueued_at_us, source_queue_id, content_type, attributes,
                cast(length(body) as bigint) as body_bytes, ",
            $body,
            "
            from message ",
            $which
        )
    };
}
pub(super) use select_message;

#[derive(sqlx::FromRow)]
struct ErrorRow {
    message_id: String,
    attempt: i64,
    at_us: i64,
    error: String,
}

impl ErrorRow {
    fn read(self) -> Result<(MessageId, MessageError), Error> {
        let error = MessageError {
            attempt: column("message_error", "attempt").number(self.attempt)?,
            at_us: Timestamp(self.at_us),
            error: self.error,
        };
        Ok((column("message_error", "message_id").parse(&self.message_id)?, error))
    }
}

impl Reader {
    /// The messages of `queue` in their order, behind the position `after`, with the beginnings of their bodies;
    /// none is handed out by this.
    #[tracing::instrument(name = "store.message.list", skip_all, fields(queue.id = %queue))]
    pub async fn list_messages(
        &mut self,
        queue: QueueId,
        after: Option<MessagePosition>,
        limit: u32,
    ) -> Result<Page<QueuedMessage, MessagePosition>, Error> {
        const SQL: &str = select_message!(
            "substr(body, 1, 4096) as body",
            "where queue_id = $1 and sequence > $2 order by sequence limit $3"
        );
        let rows: Vec<MessageRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(queue.to_string())
                .bind(after.unwrap_or(i64::MIN))
                .bind(one_more(limit))
                .fetch_all(connection).await
        })?;
        let messages = rows.into_iter().map(QueuedMessage::try_from).collect::<Result<_, _>>()?;
        Ok(Page::cut(messages, limit, |message: &QueuedMessage| message.sequence))
    }

    /// The message of `queue` with this id.
    #[tracing::instrument(name = "store.message.find", skip_all, fields(queue.id = %queue, message.id = %id))]
    pub async fn find_message(&mut self, queue: QueueId, id: MessageId) -> Result<Option<QueuedMessage>, Error> {
        const SQL: &str = select_message!("where id = $2 and queue_id = $1");
        let row: Option<MessageRow> = on!(self, connection => {
            sqlx::query_as(SQL).bind(queue.to_string()).bind(id.to_string()).fetch_optional(connection).await
        })?;
        row.map(QueuedMessage::try_from).transpose()
    }

    /// What went wrong with `messages`, by attempt.
    #[tracing::instrument(name = "store.message.list_errors", skip_all)]
    pub async fn list_message_errors(
        &mut self,
        messages: impl IntoIterator<Item = MessageId>,
    ) -> Result<BTreeMap<MessageId, Vec<MessageError>>, Error> {
        let sql = listed!(
            self,
            texts,
            "select message_id, attempt, at_us, error from message_error where message_id in ",
            " order by message_id, attempt"
        );
        let rows: Vec<ErrorRow> =
            on!(self, connection => sqlx::query_as(sql).bind(ids(messages)).fetch_all(connection).await)?;
        let mut errors: BTreeMap<MessageId, Vec<MessageError>> = BTreeMap::new();
        for row in rows {
            let (message, error) = row.read()?;
            errors.entry(message).or_default().push(error);
        }
        Ok(errors)
    }

    /// When the next message of `queue` may be handed out; absent where it has none.
    #[tracing::instrument(name = "store.message.find_next", skip_all, fields(queue.id = %queue))]
    pub async fn find_next_available(&mut self, queue: QueueId) -> Result<Option<Timestamp>, Error> {
        const SQL: &str = "
            select
                (select available_at_us from message where queue_id = $1 and grouped = 0
                    order by available_at_us limit 1) as single_at_us,
                (select available_at_us from message_group where queue_id = $1
                    order by available_at_us limit 1) as group_at_us";
        let (single, group): (Option<i64>, Option<i64>) = on!(self, connection => {
            sqlx::query_as(SQL).bind(queue.to_string()).fetch_one(connection).await
        })?;
        Ok(single.into_iter().chain(group).min().map(Timestamp))
    }
}

impl Transaction {
    /// Keeps what went wrong in attempts: of which message, in which attempt, and why. Of an attempt that has an error,
    /// the first stays.
    pub(super) async fn insert_errors(&mut self, errors: &[(&str, i64, &str)], now: Timestamp) -> Result<(), Error> {
        let sql = listed!(
            self,
            rows,
            "insert into message_error (message_id, attempt, at_us, error)
            select value ->> 0, cast(value ->> 1 as bigint), $2, value ->> 2 from ",
            " where true on conflict do nothing"
        );
        if errors.is_empty() {
            return Ok(());
        }
        let rows = column("message_error", "error").to_json(&errors)?;
        on!(self, connection => sqlx::query(sql).bind(rows).bind(now.as_us()).execute(connection).await.map(drop))?;
        Ok(())
    }
}

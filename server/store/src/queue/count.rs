//! How many messages a queue holds and what became of the others: rows of `queue_count`.

use domain::{
    Timestamp,
    id::{MessageId, QueueId},
};

use crate::{
    Error, Reader, Transaction,
    column::column,
    connection::{Connection, on},
};

/// What a queue holds at one time, and what became of the messages that it held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueDepth {
    /// Messages that it holds.
    pub messages: u64,
    /// Those of them that were handed out and whose lease lasts.
    pub in_flight: u64,
    /// Those of them that are held back by a delay or until their next attempt; counted up to
    /// [`Self::MOST_DELAYED`].
    pub delayed: u64,
    /// When the one came that is there longest; absent where it is empty.
    pub oldest_at_us: Option<Timestamp>,
    /// Messages that came, by sending or by moving.
    pub sent: u64,
    /// Messages that a consumer was done with.
    pub acknowledged: u64,
    /// Messages that moved to a dead-letter queue.
    pub dead: u64,
    /// Messages that were deleted for their age.
    pub expired: u64,
}

impl QueueDepth {
    /// The most delayed messages that are counted.
    pub const MOST_DELAYED: i64 = 10_000;
}

/// By how much the counts of a queue change.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Change {
    pub(super) messages: i64,
    pub(super) sent: i64,
    pub(super) acknowledged: i64,
    pub(super) dead: i64,
    pub(super) expired: i64,
}

/// The shards of a queue's counts.
const SHARDS: i64 = 16;

#[derive(sqlx::FromRow)]
struct TotalRow {
    messages: i64,
    sent: i64,
    acknowledged: i64,
    dead: i64,
    expired: i64,
}

impl Reader {
    /// What the queue holds at `now`. Costs the same however much that is.
    #[tracing::instrument(name = "store.queue.find_depth", skip_all, fields(queue.id = %queue))]
    pub async fn find_queue_depth(&mut self, queue: QueueId, now: Timestamp) -> Result<QueueDepth, Error> {
        const TOTAL: &str = "
            select cast(coalesce(sum(messages), 0) as bigint) as messages, cast(coalesce(sum(sent), 0) as bigint) as sent,
                cast(coalesce(sum(acknowledged), 0) as bigint) as acknowledged,
                cast(coalesce(sum(dead), 0) as bigint) as dead, cast(coalesce(sum(expired), 0) as bigint) as expired
            from queue_count where queue_id = $1";
        // In two parts, so that SQLite finds both in the index of leases, instead of looking through the queue.
        const HELD: &str = "
            select (select count(*) from message
                    where queue_id = $1 and group_key is null and lease_token is not null and available_at_us > $2)
                + (select count(*) from message
                    where queue_id = $1 and group_key > '' and lease_token is not null and available_at_us > $2)";
        const LATER: &str = "
            select count(*) from (
                select 1 from message where queue_id = $1 and grouped in (0, 1) and available_at_us > $2 limit $3
            ) as later";
        const OLDEST: &str = "select enqueued_at_us from message where queue_id = $1 order by sequence limit 1";
        let id = queue.to_string();
        let total: TotalRow = on!(self, connection => sqlx::query_as(TOTAL).bind(&id).fetch_one(connection).await)?;
        let in_flight: i64 = on!(self, connection => {
            sqlx::query_scalar(HELD).bind(&id).bind(now.as_us()).fetch_one(connection).await
        })?;
        let later: i64 = on!(self, connection => {
            sqlx::query_scalar(LATER)
                .bind(&id)
                .bind(now.as_us())
                .bind(in_flight.saturating_add(QueueDepth::MOST_DELAYED))
                .fetch_one(connection).await
        })?;
        let oldest: Option<i64> =
            on!(self, connection => sqlx::query_scalar(OLDEST).bind(&id).fetch_optional(connection).await)?;
        let number = |name, value: i64| column("queue_count", name).number(value);
        Ok(QueueDepth {
            messages: number("messages", total.messages)?,
            in_flight: number("messages", in_flight)?,
            delayed: number("messages", (later - in_flight).max(0))?,
            oldest_at_us: oldest.map(Timestamp),
            sent: number("sent", total.sent)?,
            acknowledged: number("acknowledged", total.acknowledged)?,
            dead: number("dead", total.dead)?,
            expired: number("expired", total.expired)?,
        })
    }
}

impl Transaction {
    /// Changes the counts of a queue, in the shard that `lot` falls on.
    pub(super) async fn count(&mut self, queue: QueueId, change: Change, lot: MessageId) -> Result<(), Error> {
        const SQL: &str = "
            insert into queue_count (queue_id, shard, messages, sent, acknowledged, dead, expired)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (queue_id, shard) do update
            set messages = queue_count.messages + excluded.messages, sent = queue_count.sent + excluded.sent,
                acknowledged = queue_count.acknowledged + excluded.acknowledged,
                dead = queue_count.dead + excluded.dead, expired = queue_count.expired + excluded.expired";
        let last = lot.to_string().chars().last().and_then(|digit| digit.to_digit(16)).unwrap_or(0);
        // SQLite has one writer, who waits for nobody.
        let shard = if matches!(self.connection, Connection::Sqlite(_)) { 0 } else { i64::from(last) % SHARDS };
        on!(self, connection => {
            sqlx::query(SQL)
                .bind(queue.to_string())
                .bind(shard)
                .bind(change.messages)
                .bind(change.sent)
                .bind(change.acknowledged)
                .bind(change.dead)
                .bind(change.expired)
                .execute(connection).await.map(drop)
        })?;
        Ok(())
    }
}

//! Messages that leave without being settled: too old, or purged.

use domain::{
    Timestamp,
    id::{MessageId, QueueId},
};

use super::{
    count::Change,
    sequences::{listed, sequences},
};
use crate::{Error, Transaction, column::column, connection::on};

impl Transaction {
    /// Deletes at most `limit` messages of `queue` that came up to `before`, in flight or not, and says how many.
    #[tracing::instrument(name = "store.message.purge", skip_all, fields(queue.id = %queue))]
    pub async fn purge_messages(&mut self, queue: QueueId, before: Timestamp, limit: u32) -> Result<u64, Error> {
        const SQLITE: &str = "
            select id, sequence from message where queue_id = $1 and enqueued_at_us <= $2 order by sequence limit $3";
        const POSTGRES: &str = "
            select id, sequence from message where queue_id = $1 and enqueued_at_us <= $2 order by sequence limit $3
            for update";
        let sql = self.either(SQLITE, POSTGRES);
        let found: Vec<(String, i64)> = on!(self, connection => {
            sqlx::query_as(sql)
                .bind(queue.to_string())
                .bind(before.as_us())
                .bind(i64::from(limit))
                .fetch_all(connection).await
        })?;
        self.remove(queue, found, false).await
    }

    /// Deletes at most `limit` messages of `queue` that came up to `before` and are not in flight at `now`, and
    /// says how many.
    #[tracing::instrument(name = "store.message.delete_expired", skip_all, fields(queue.id = %queue))]
    pub async fn delete_expired_messages(
        &mut self,
        queue: QueueId,
        before: Timestamp,
        now: Timestamp,
        limit: u32,
    ) -> Result<u64, Error> {
        const SQLITE: &str = "
            select id, sequence from (
                select id, sequence, enqueued_at_us, lease_token, available_at_us from message
                where queue_id = $1 order by sequence limit $4
            ) as oldest
            where enqueued_at_us <= $2 and (lease_token is null or available_at_us <= $3)";
        const POSTGRES: &str = "
            select id, sequence from message
            where sequence in (select sequence from message where queue_id = $1 order by sequence limit $4)
                and enqueued_at_us <= $2 and (lease_token is null or available_at_us <= $3)
            order by sequence for update skip locked";
        let sql = self.either(SQLITE, POSTGRES);
        let found: Vec<(String, i64)> = on!(self, connection => {
            sqlx::query_as(sql)
                .bind(queue.to_string())
                .bind(before.as_us())
                .bind(now.as_us())
                .bind(i64::from(limit))
                .fetch_all(connection).await
        })?;
        self.remove(queue, found, true).await
    }

    /// Forgets at most `limit` deduplication keys whose window is over at `now`, and says how many.
    #[tracing::instrument(name = "store.deduplication.delete_expired", skip_all)]
    pub async fn delete_expired_deduplication(&mut self, now: Timestamp, limit: u32) -> Result<u64, Error> {
        const SQL: &str = "
            delete from deduplication where (queue_id, deduplication_key) in (
                select queue_id, deduplication_key from deduplication where expires_at_us <= $1 limit $2
            )";
        Ok(on!(self, connection => {
            sqlx::query(SQL)
                .bind(now.as_us())
                .bind(i64::from(limit))
                .execute(connection).await.map(|done| done.rows_affected())
        })?)
    }

    /// Deletes the messages `found`. The groups that they leave empty are forgotten when somebody claims.
    async fn remove(&mut self, queue: QueueId, found: Vec<(String, i64)>, expired: bool) -> Result<u64, Error> {
        let Some((first, _)) = found.first() else { return Ok(0) };
        let lot: MessageId = column("message", "id").parse(first)?;
        let sql = listed!(self, numbers, "delete from message where sequence in ", "");
        let gone = sequences(found.iter().map(|(_, sequence)| *sequence));
        let rows = on!(self, connection => {
            sqlx::query(sql).bind(gone).execute(connection).await.map(|done| done.rows_affected())
        })?;
        let number = i64::try_from(rows).unwrap_or(i64::MAX);
        let change = Change { messages: -number, expired: if expired { number } else { 0 }, ..Change::default() };
        self.count(queue, change, lot).await?;
        Ok(rows)
    }
}

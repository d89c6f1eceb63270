//! Messages that come to a queue: by sending, or by moving from another.

use std::collections::BTreeSet;

use domain::{
    Timestamp,
    id::{MessageId, QueueId},
    queue::{DEDUPLICATION_WINDOW, NewMessage},
};

use super::{count::Change, sequences::sequences};
use crate::{
    Error, Transaction,
    column::column,
    connection::on,
    fault::{self, Bug, Place},
};

/// A message that moves: where it stands, what it is, and its group.
pub(super) struct Mover {
    pub(super) sequence: i64,
    pub(super) id: MessageId,
    pub(super) group: Option<String>,
}

impl Transaction {
    /// Adds `messages` to a queue in their order, and returns the id of each: that of an earlier message where
    /// one with the same deduplication key came within the window.
    ///
    /// # Errors
    ///
    /// [`Error::Database`] if the queue is gone.
    #[tracing::instrument(name = "store.message.insert", skip_all, fields(queue.id = %queue, messages = messages.len()))]
    pub async fn insert_messages(
        &mut self,
        queue: QueueId,
        messages: &[(MessageId, NewMessage)],
        now: Timestamp,
    ) -> Result<Vec<MessageId>, Error> {
        // The locks of keys and of groups are taken in one order, so that no two senders wait for each other.
        let mut keyed: Vec<_> = messages
            .iter()
            .enumerate()
            .filter_map(|(index, (id, message))| Some((message.deduplication_key.as_deref()?, index, *id)))
            .collect();
        keyed.sort_unstable();
        let mut ids: Vec<MessageId> = messages.iter().map(|(id, _)| *id).collect();
        for (key, index, id) in keyed {
            let kept = self.claim_key(queue, key, id, now).await?;
            if let Some(slot) = ids.get_mut(index) {
                *slot = kept;
            }
        }
        let fresh: Vec<_> =
            messages.iter().zip(&ids).filter(|((id, _), kept)| id == *kept).map(|(message, _)| message).collect();
        let groups: BTreeSet<&str> = fresh.iter().filter_map(|(_, message)| message.group.as_deref()).collect();
        self.enter_groups(queue, &groups, now).await?;
        for (id, message) in &fresh {
            self.insert_message(queue, *id, message, now).await?;
        }
        if let Some((first, _)) = fresh.first() {
            let came = i64::try_from(fresh.len()).unwrap_or(i64::MAX);
            self.count(queue, Change { messages: came, sent: came, ..Change::default() }, *first).await?;
        }
        Ok(ids)
    }

    /// Takes a deduplication key for the message `id`, or says which message has it.
    async fn claim_key(
        &mut self,
        queue: QueueId,
        key: &str,
        id: MessageId,
        now: Timestamp,
    ) -> Result<MessageId, Error> {
        // The update that changes nothing makes both databases return the row that stands, and PostgreSQL wait
        // for a sender that has taken the key and not ended.
        const SQL: &str = "
            insert into deduplication (queue_id, deduplication_key, message_id, expires_at_us)
            values ($1, $2, $3, $4)
            on conflict (queue_id, deduplication_key) do update
            set message_id = case when deduplication.expires_at_us <= $5
                    then excluded.message_id else deduplication.message_id end,
                expires_at_us = case when deduplication.expires_at_us <= $5
                    then excluded.expires_at_us else deduplication.expires_at_us end
            returning message_id";
        let expires = now.after(DEDUPLICATION_WINDOW).as_us();
        let kept: String = on!(self, connection => {
            sqlx::query_scalar(SQL)
                .bind(queue.to_string())
                .bind(key)
                .bind(id.to_string())
                .bind(expires)
                .bind(now.as_us())
                .fetch_one(connection).await
        })?;
        column("deduplication", "message_id").parse(&kept)
    }

    async fn insert_message(
        &mut self,
        queue: QueueId,
        id: MessageId,
        message: &NewMessage,
        now: Timestamp,
    ) -> Result<(), Error> {
        const SQL: &str = "
            insert into message (id, queue_id, group_key, grouped, available_at_us, enqueued_at_us,
                first_enqueued_at_us, content_type, attributes, body)
            values ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9)";
        let attributes = column("message", "attributes").to_json(&message.attributes)?;
        let available = now.as_us().saturating_add(i64::from(message.delay_ms).saturating_mul(1_000));
        on!(self, connection => {
            sqlx::query(SQL)
                .bind(id.to_string())
                .bind(queue.to_string())
                .bind(message.group.as_deref())
                .bind(i64::from(message.group.is_some()))
                .bind(available)
                .bind(now.as_us())
                .bind(message.content_type.as_str())
                .bind(attributes)
                .bind(message.body.as_slice())
                .execute(connection).await.map(drop)
        })?;
        Ok(())
    }

    /// Moves messages of `from` to the end of `to` in their order, ready to be handed out; they keep their ids,
    /// when they were sent, their attempts and errors. As dead letters they remember where they come from.
    pub(super) async fn move_messages(
        &mut self,
        from: QueueId,
        to: QueueId,
        movers: &[Mover],
        dead: bool,
        now: Timestamp,
    ) -> Result<(), Error> {
        const SQLITE: &str = "
            update message set queue_id = $2, sequence = (select max(sequence) from message) + 1 + key,
                available_at_us = $3, lease_token = null, receives = 0, enqueued_at_us = $3, source_queue_id = $4
            from json_each($1)
            where sequence = value";
        const POSTGRES: &str = "
            update message set queue_id = $2, sequence = place.sequence,
                available_at_us = $3, lease_token = null, receives = 0, enqueued_at_us = $3, source_queue_id = $4
            from (
                select value::bigint as former, nextval(pg_get_serial_sequence('message', 'sequence')) as sequence
                from jsonb_array_elements_text($1::jsonb)
            ) as place
            where message.sequence = place.former";
        let Some(lot) = movers.first().map(|mover| mover.id) else { return Ok(()) };
        let groups: BTreeSet<&str> = movers.iter().filter_map(|mover| mover.group.as_deref()).collect();
        self.enter_groups(to, &groups, now).await?;
        if fault::planted(Bug::MoveApart) {
            for mover in movers {
                fault::move_apart(self, mover.sequence).await?;
            }
        }
        let sql = self.either(SQLITE, POSTGRES);
        on!(self, connection => {
            sqlx::query(sql)
                .bind(sequences(movers.iter().map(|mover| mover.sequence)))
                .bind(to.to_string())
                .bind(now.as_us())
                .bind(dead.then(|| from.to_string()))
                .execute(connection).await.map(drop)
        })?;
        fault::reach(Place::Moving);
        let moved = i64::try_from(movers.len()).unwrap_or(i64::MAX);
        let left = Change { messages: -moved, dead: if dead { moved } else { 0 }, ..Change::default() };
        let came = Change { messages: moved, sent: moved, ..Change::default() };
        let mut changes = [(from, left), (to, came)];
        changes.sort_unstable_by_key(|(queue, _)| *queue);
        for (queue, change) in changes {
            self.count(queue, change, lot).await?;
        }
        Ok(())
    }
}

//! What becomes of messages that were handed out. Only who holds a lease that lasts may say it.

use domain::{
    Timestamp,
    id::{MessageId, QueueId},
    queue::{MAX_DELAY, Settlement, backoff},
};

use std::collections::{BTreeSet, HashMap};

use super::{
    arrival::Mover,
    count::Change,
    sequences::{ids, listed, sequences},
};
use crate::{
    Error, Transaction,
    column::column,
    connection::on,
    fault::{self, Bug},
};

/// What settling goes by.
#[derive(Clone, Debug)]
pub struct SettleTerms {
    /// The present.
    pub now: Timestamp,
    /// How often a message is handed out before it is a dead letter.
    pub max_receives: u32,
    /// Where dead letters go. Without it a message waits the longest time and is handed out again, until it is
    /// too old.
    pub dead_letter_queue: Option<QueueId>,
    /// How the waits before further attempts fall.
    pub draw: u16,
}

/// What came of one settlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The message is done and gone.
    Acknowledged,
    /// The message is handed out again.
    Retried,
    /// The message is as it was before it was handed out.
    Released,
    /// The message is in the dead-letter queue.
    Dead,
    /// The lease had ended, or was never this one: nothing was changed.
    Stale,
}

#[derive(sqlx::FromRow)]
struct LeasedRow {
    id: String,
    queue_id: String,
    sequence: i64,
    group_key: Option<String>,
    receives: i64,
    attempts: i64,
    lease_token: Option<String>,
    available_at_us: i64,
}

impl LeasedRow {
    fn held_by(&self, token: &str, now: Timestamp) -> bool {
        fault::planted(Bug::UncheckedLease)
            || (self.lease_token.as_deref() == Some(token) && self.available_at_us > now.as_us())
    }
}

impl Transaction {
    /// Settles messages of `queue`, each under the token of its claim, and says of each what came of it.
    #[tracing::instrument(
        name = "store.message.settle", skip_all, fields(queue.id = %queue, messages = settlements.len())
    )]
    pub async fn settle_messages(
        &mut self,
        queue: QueueId,
        settlements: &[(MessageId, String, Settlement)],
        terms: &SettleTerms,
    ) -> Result<Vec<Settled>, Error> {
        let mut leased = self.lock_leased(queue, settlements.iter().map(|(id, ..)| *id)).await?;
        let mut settled = Vec::with_capacity(settlements.len());
        let mut groups = BTreeSet::new();
        let (mut done, mut dead) = (Vec::new(), Vec::new());
        for (id, token, settlement) in settlements {
            // A message is settled once: a second settlement of the same call finds it gone.
            let Some(row) = leased.remove(&id.to_string()).filter(|row| row.held_by(token, terms.now)) else {
                settled.push(Settled::Stale);
                continue;
            };
            groups.extend(row.group_key.clone());
            let mover = Mover { sequence: row.sequence, id: *id, group: row.group_key.clone() };
            settled.push(match settlement {
                Settlement::Ack => {
                    done.push(mover);
                    Settled::Acknowledged
                }
                Settlement::Retry { after, error } => {
                    self.insert_error(&row.id, row.attempts, error, terms.now).await?;
                    let last = row.receives >= i64::from(terms.max_receives);
                    if last && terms.dead_letter_queue.is_some() {
                        dead.push(mover);
                        Settled::Dead
                    } else {
                        let receives = column("message", "receives").number(row.receives)?;
                        let usual = || if last { MAX_DELAY } else { backoff(receives, terms.draw) };
                        let wait = after.unwrap_or_else(usual).min(MAX_DELAY);
                        self.release(row.sequence, terms.now.after(wait)).await?;
                        Settled::Retried
                    }
                }
                Settlement::Release => {
                    self.take_back(row.sequence, terms.now).await?;
                    Settled::Released
                }
                Settlement::Dead { error } => {
                    self.insert_error(&row.id, row.attempts, error, terms.now).await?;
                    if terms.dead_letter_queue.is_some() {
                        dead.push(mover);
                        Settled::Dead
                    } else {
                        self.release(row.sequence, terms.now.after(MAX_DELAY)).await?;
                        Settled::Retried
                    }
                }
            });
        }
        if let Some(letters) = terms.dead_letter_queue {
            self.move_messages(queue, letters, &dead, true, terms.now).await?;
        }
        self.delete_acknowledged(queue, &done).await?;
        for group in &groups {
            self.settle_group(queue, group, terms.now).await?;
        }
        Ok(settled)
    }

    /// Has leases of `queue` last until `until`, and says of each whether it still lasted.
    #[tracing::instrument(name = "store.message.extend", skip_all, fields(queue.id = %queue, messages = leases.len()))]
    pub async fn extend_leases(
        &mut self,
        queue: QueueId,
        leases: &[(MessageId, String)],
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<bool>, Error> {
        let sql = listed!(self, numbers, "update message set available_at_us = $2 where sequence in ", "");
        let leased = self.lock_leased(queue, leases.iter().map(|(id, _)| *id)).await?;
        let held: Vec<Option<&LeasedRow>> = leases
            .iter()
            .map(|(id, token)| leased.get(&id.to_string()).filter(|row| row.held_by(token, now)))
            .collect();
        let extended = sequences(held.iter().flatten().map(|row| row.sequence));
        on!(self, connection => {
            sqlx::query(sql).bind(extended).bind(until.as_us()).execute(connection).await.map(drop)
        })?;
        let groups: BTreeSet<&str> = held.iter().flatten().filter_map(|row| row.group_key.as_deref()).collect();
        for group in groups {
            self.settle_group(queue, group, now).await?;
        }
        Ok(held.iter().map(Option::is_some).collect())
    }

    /// Locks those of `messages` that are in `queue`, by id; groups first, as everybody does.
    async fn lock_leased(
        &mut self,
        queue: QueueId,
        messages: impl Iterator<Item = MessageId>,
    ) -> Result<HashMap<String, LeasedRow>, Error> {
        // The queue is looked at afterwards: asked for it, SQLite would look through all of its messages.
        const SQLITE: &str = "
            select id, queue_id, sequence, group_key, receives, attempts, lease_token, available_at_us from message
            where id in (select value from json_each($1))";
        const POSTGRES: &str = "
            select id, queue_id, sequence, group_key, receives, attempts, lease_token, available_at_us from message
            where id in (select value from jsonb_array_elements_text($1::jsonb)) order by id for update";
        let messages: Vec<MessageId> = messages.collect();
        self.lock_groups_of(queue, messages.iter().copied()).await?;
        let sql = self.either(SQLITE, POSTGRES);
        let rows: Vec<LeasedRow> = on!(self, connection => {
            sqlx::query_as(sql).bind(ids(messages)).fetch_all(connection).await
        })?;
        let queue = queue.to_string();
        Ok(rows.into_iter().filter(|row| row.queue_id == queue).map(|row| (row.id.clone(), row)).collect())
    }

    /// Gives a message back, to be handed out again at `at`.
    async fn release(&mut self, sequence: i64, at: Timestamp) -> Result<(), Error> {
        const SQL: &str = "update message set lease_token = null, available_at_us = $2 where sequence = $1";
        on!(self, connection => sqlx::query(SQL).bind(sequence).bind(at.as_us()).execute(connection).await.map(drop))?;
        Ok(())
    }

    /// Has a message be as if it had not been handed out.
    async fn take_back(&mut self, sequence: i64, now: Timestamp) -> Result<(), Error> {
        const SQL: &str = "
            update message set lease_token = null, available_at_us = $2, receives = receives - 1,
                attempts = attempts - 1
            where sequence = $1";
        on!(self, connection => sqlx::query(SQL).bind(sequence).bind(now.as_us()).execute(connection).await.map(drop))?;
        Ok(())
    }

    async fn delete_acknowledged(&mut self, queue: QueueId, done: &[Mover]) -> Result<(), Error> {
        let Some(lot) = done.first().map(|message| message.id) else { return Ok(()) };
        let sql = listed!(self, numbers, "delete from message where sequence in ", "");
        let gone = sequences(done.iter().map(|message| message.sequence));
        on!(self, connection => sqlx::query(sql).bind(gone).execute(connection).await.map(drop))?;
        let number = i64::try_from(done.len()).unwrap_or(i64::MAX);
        let change = Change { messages: -number, acknowledged: number, ..Change::default() };
        self.count(queue, change, lot).await
    }
}

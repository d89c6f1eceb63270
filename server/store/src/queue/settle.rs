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

/// What is to be written, gathered so that one statement writes it of all messages alike.
#[derive(Default)]
struct Work<'s> {
    /// What went wrong: of which message, in which attempt, and why.
    errors: Vec<(String, i64, &'s str)>,
    back: Vec<Back>,
    done: Vec<Mover>,
    dead: Vec<Mover>,
    groups: BTreeSet<String>,
}

/// A message that is given back: where it stands, when it is due, and how many receives are not counted.
type Back = (i64, i64, i64);

impl<'s> Work<'s> {
    /// Adds what `settlement` means for the message `id`, and says what comes of it.
    fn add(
        &mut self,
        id: MessageId,
        row: LeasedRow,
        settlement: &'s Settlement,
        terms: &SettleTerms,
    ) -> Result<Settled, Error> {
        let LeasedRow { sequence, receives, attempts, group_key: group, .. } = row;
        self.groups.extend(group.clone());
        let (error, after, is_final) = match settlement {
            Settlement::Ack => {
                self.done.push(Mover { sequence, id, group });
                return Ok(Settled::Acknowledged);
            }
            Settlement::Release => {
                self.back.push((sequence, terms.now.as_us(), 1));
                return Ok(Settled::Released);
            }
            Settlement::Retry { after, error } => (error, *after, receives >= i64::from(terms.max_receives)),
            Settlement::Dead { error } => (error, None, true),
        };
        self.errors.push((row.id, attempts, error.as_str()));
        if is_final && terms.dead_letter_queue.is_some() {
            self.dead.push(Mover { sequence, id, group });
            return Ok(Settled::Dead);
        }
        let receives = column("message", "receives").number(receives)?;
        let usual = || if is_final { MAX_DELAY } else { backoff(receives, terms.draw) };
        let wait = after.unwrap_or_else(usual).min(MAX_DELAY);
        self.back.push((sequence, terms.now.after(wait).as_us(), 0));
        Ok(Settled::Retried)
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
        let mut work = Work::default();
        for (id, token, settlement) in settlements {
            // A message is settled once: a second settlement of the same call finds it gone.
            let row = leased.remove(&id.to_string()).filter(|row| row.held_by(token, terms.now));
            settled.push(match row {
                Some(row) => work.add(*id, row, settlement, terms)?,
                None => Settled::Stale,
            });
        }
        let errors: Vec<_> = work.errors.iter().map(|(id, attempt, error)| (id.as_str(), *attempt, *error)).collect();
        self.insert_errors(&errors, terms.now).await?;
        self.give_back(&work.back).await?;
        if let Some(letters) = terms.dead_letter_queue {
            self.move_messages(queue, letters, &work.dead, true, terms.now).await?;
        }
        self.delete_acknowledged(queue, &work.done).await?;
        for group in &work.groups {
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

    /// Gives messages back, each to be handed out again at its time.
    async fn give_back(&mut self, back: &[Back]) -> Result<(), Error> {
        let sql = listed!(
            self,
            rows,
            "update message set lease_token = null, available_at_us = cast(value ->> 1 as bigint),
                receives = receives - cast(value ->> 2 as bigint), attempts = attempts - cast(value ->> 2 as bigint)
            from ",
            " where sequence = cast(value ->> 0 as bigint)"
        );
        if back.is_empty() {
            return Ok(());
        }
        let rows = column("message", "available_at_us").to_json(&back)?;
        on!(self, connection => sqlx::query(sql).bind(rows).execute(connection).await.map(drop))?;
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

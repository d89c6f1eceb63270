//! Messages that are handed out: claimed for as long as a lease lasts, in a transaction that ends before
//! anybody works on them.

use domain::{
    Timestamp,
    id::{MessageId, QueueId},
};

use super::{
    QueuedMessage,
    arrival::Mover,
    message::{MessageRow, select_message},
    sequences::{listed, sequences},
};
use crate::{Error, Reader, Transaction, column::column, connection::on};

/// What a worker asks for.
#[derive(Clone, Debug)]
pub struct ClaimTerms {
    /// The most messages: 1 to 100.
    pub most: u32,
    /// The present.
    pub now: Timestamp,
    /// When the lease ends.
    pub until: Timestamp,
    /// The secret that settles these messages and that no other claim has.
    pub token: String,
    /// How often a message is handed out before it is a dead letter.
    pub max_receives: u32,
    /// Where dead letters go. Without it a message is handed out again until it is too old.
    pub dead_letter_queue: Option<QueueId>,
}

/// What a worker got.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// The messages in their order: all of one group, or all of none.
    pub messages: Vec<QueuedMessage>,
    /// How many were moved to the dead-letter queue instead, because the last of their attempts never ended.
    pub dead: u64,
}

/// Messages that a claim could find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueMessages {
    /// How many, counted up to a limit.
    pub messages: u32,
    /// Since when the one is due that has been due longest; absent where there is none.
    pub oldest_at_us: Option<Timestamp>,
}

/// What is written of an attempt whose worker never came back.
const GIVEN_UP: &str = "the lease ended before the attempt did";

/// How often a claim looks further, after one that found nothing or only dead letters.
const MOST_LOOKS: u32 = 8;

impl Reader {
    /// The messages of `queue` that are due, counted up to `most`. Those of a group that wait for one before them
    /// count too.
    #[tracing::instrument(name = "store.message.count_due", skip_all, fields(queue.id = %queue))]
    pub async fn count_due_messages(
        &mut self,
        queue: QueueId,
        now: Timestamp,
        most: u32,
    ) -> Result<DueMessages, Error> {
        const SQL: &str = "
            select count(*), min(available_at_us) from (
                select available_at_us from message
                where queue_id = $1 and grouped in (0, 1) and available_at_us <= $2 limit $3
            ) as due";
        let (messages, oldest): (i64, Option<i64>) = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(queue.to_string())
                .bind(now.as_us())
                .bind(i64::from(most))
                .fetch_one(connection).await
        })?;
        let messages = column("message", "sequence").number(messages)?;
        Ok(DueMessages { messages, oldest_at_us: oldest.map(Timestamp) })
    }
}

impl Transaction {
    /// Hands out the messages of `queue` that have been due longest, all of one group or all of none.
    ///
    /// A message whose lease has ended is handed out again; after its last attempt it moves to the dead-letter
    /// queue instead. What another transaction is claiming is passed over.
    #[tracing::instrument(name = "store.message.claim", skip_all, fields(queue.id = %queue))]
    pub async fn claim_messages(&mut self, queue: QueueId, terms: &ClaimTerms) -> Result<Claim, Error> {
        let mut claim = Claim::default();
        for _ in 0..MOST_LOOKS {
            let Some(grouped) = self.who_is_first(queue, terms.now).await? else { break };
            let group = if grouped { self.take_group(queue, terms.now).await? } else { None };
            let rows = match &group {
                Some(group) => self.due_of_group(queue, group, terms).await?,
                None => self.due_of_none(queue, terms).await?,
            };
            let found = rows.len();
            self.hand_out(queue, rows, terms, &mut claim).await?;
            if let Some(group) = &group {
                self.settle_group(queue, group, terms.now).await?;
            }
            if !claim.messages.is_empty() || (found == 0 && group.is_none()) {
                break;
            }
        }
        Ok(claim)
    }

    /// Whether a group has been due longest (`true`), or a message of none; absent where nothing is due.
    async fn who_is_first(&mut self, queue: QueueId, now: Timestamp) -> Result<Option<bool>, Error> {
        const SQL: &str = "
            select
                (select available_at_us from message where queue_id = $1 and grouped = 0 and available_at_us <= $2
                    order by available_at_us limit 1) as single_at_us,
                (select available_at_us from message_group where queue_id = $1 and available_at_us <= $2
                    order by available_at_us limit 1) as group_at_us";
        let due: (Option<i64>, Option<i64>) = on!(self, connection => {
            sqlx::query_as(SQL).bind(queue.to_string()).bind(now.as_us()).fetch_one(connection).await
        })?;
        Ok(match due {
            (None, None) => None,
            (Some(single), Some(group)) => Some(group < single),
            (single, _) => Some(single.is_none()),
        })
    }

    /// Locks the group that has been due longest and that nobody else has locked.
    async fn take_group(&mut self, queue: QueueId, now: Timestamp) -> Result<Option<String>, Error> {
        const SQLITE: &str = "
            select group_key from message_group where queue_id = $1 and available_at_us <= $2
            order by available_at_us, group_key limit 1";
        const POSTGRES: &str = "
            select group_key from message_group where queue_id = $1 and available_at_us <= $2
            order by available_at_us, group_key limit 1 for update skip locked";
        let sql = self.either(SQLITE, POSTGRES);
        Ok(on!(self, connection => {
            sqlx::query_scalar(sql).bind(queue.to_string()).bind(now.as_us()).fetch_optional(connection).await
        })?)
    }

    /// The first messages of a group, up to one that is not due.
    async fn due_of_group(
        &mut self,
        queue: QueueId,
        group: &str,
        terms: &ClaimTerms,
    ) -> Result<Vec<MessageRow>, Error> {
        const SQLITE: &str =
            select_message!("where queue_id = $1 and group_key = $2 and grouped = 1 order by sequence limit $3");
        const POSTGRES: &str = select_message!(
            "where queue_id = $1 and group_key = $2 and grouped = 1 order by sequence limit $3 for update"
        );
        let sql = self.either(SQLITE, POSTGRES);
        let rows: Vec<MessageRow> = on!(self, connection => {
            sqlx::query_as(sql)
                .bind(queue.to_string())
                .bind(group)
                .bind(i64::from(terms.most))
                .fetch_all(connection).await
        })?;
        Ok(rows.into_iter().take_while(|row| row.available_at_us <= terms.now.as_us()).collect())
    }

    /// The messages of no group that have been due longest.
    async fn due_of_none(&mut self, queue: QueueId, terms: &ClaimTerms) -> Result<Vec<MessageRow>, Error> {
        const SQLITE: &str = select_message!(
            "where queue_id = $1 and grouped = 0 and available_at_us <= $2
            order by available_at_us, sequence limit $3"
        );
        const POSTGRES: &str = select_message!(
            "where queue_id = $1 and grouped = 0 and available_at_us <= $2
            order by available_at_us, sequence limit $3 for update skip locked"
        );
        let sql = self.either(SQLITE, POSTGRES);
        Ok(on!(self, connection => {
            sqlx::query_as(sql)
                .bind(queue.to_string())
                .bind(terms.now.as_us())
                .bind(i64::from(terms.most))
                .fetch_all(connection).await
        })?)
    }

    /// Leases `rows` to the worker; those that were handed out as often as they may be are moved instead.
    async fn hand_out(
        &mut self,
        queue: QueueId,
        rows: Vec<MessageRow>,
        terms: &ClaimTerms,
        claim: &mut Claim,
    ) -> Result<(), Error> {
        let sql = listed!(
            self,
            numbers,
            "update message set lease_token = $2, available_at_us = $3, receives = receives + 1, attempts = attempts + 1
            where sequence in ",
            ""
        );
        let given_up: Vec<_> = rows
            .iter()
            .filter(|row| row.lease_token.is_some())
            .map(|row| (row.id.as_str(), row.attempts, GIVEN_UP))
            .collect();
        self.insert_errors(&given_up, terms.now).await?;
        let last = |row: &MessageRow| row.receives >= i64::from(terms.max_receives);
        let (dead, live): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| terms.dead_letter_queue.is_some() && last(row));
        if let Some(letters) = terms.dead_letter_queue
            && !dead.is_empty()
        {
            let movers = dead.into_iter().map(mover).collect::<Result<Vec<_>, _>>()?;
            self.move_messages(queue, letters, &movers, true, terms.now).await?;
            claim.dead += movers.len() as u64;
        }
        if live.is_empty() {
            return Ok(());
        }
        let leased = sequences(live.iter().map(|row| row.sequence));
        on!(self, connection => {
            sqlx::query(sql)
                .bind(leased)
                .bind(terms.token.as_str())
                .bind(terms.until.as_us())
                .execute(connection).await.map(drop)
        })?;
        for mut row in live {
            row.receives += 1;
            row.attempts += 1;
            row.available_at_us = terms.until.as_us();
            row.lease_token = Some(terms.token.clone());
            claim.messages.push(row.try_into()?);
        }
        Ok(())
    }
}

fn mover(row: MessageRow) -> Result<Mover, Error> {
    let id: MessageId = column("message", "id").parse(&row.id)?;
    Ok(Mover { sequence: row.sequence, id, group: row.group_key })
}

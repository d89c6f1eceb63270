//! Moves of a queue's messages back to where they came from, or to another queue: rows of `redrive`.
//!
//! Each step moves some messages and notes how far it came in one transaction, so that a move goes on where
//! it was when the server stopped, and two servers never move a message twice.

use std::collections::BTreeMap;

use domain::{
    Label, Timestamp,
    id::{MessageId, QueueId, RedriveId},
    queue::RedriveState,
};

use super::arrival::Mover;
use crate::{
    Error, Page, Reader, Transaction,
    column::column,
    connection::on,
    page::{BEHIND_ALL, one_more},
};

/// A move of a queue's messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    /// Identifies it.
    pub id: RedriveId,
    /// The queue that it empties.
    pub queue_id: QueueId,
    /// Where the messages go; absent, each goes to the queue that it came from as a dead letter.
    pub target_queue_id: Option<QueueId>,
    /// The most messages in a second.
    pub rate_per_s: u32,
    /// How far it has come.
    pub state: RedriveState,
    /// The messages that were in the queue when it began.
    pub total: u64,
    /// Those that were moved.
    pub moved: u64,
    /// Those that stay, because they were in flight, or because the queue that they came from is gone.
    pub skipped: u64,
    /// Who began it.
    pub created_by: Label,
    /// When it began.
    pub created_at_us: Timestamp,
    /// When it ended.
    pub ended_at_us: Option<Timestamp>,
}

/// A move that is to begin.
#[derive(Clone, Debug)]
pub struct NewRedrive {
    /// Identifies it.
    pub id: RedriveId,
    /// The queue that it empties.
    pub queue_id: QueueId,
    /// Where the messages go; absent, each goes to the queue that it came from as a dead letter.
    pub target_queue_id: Option<QueueId>,
    /// The most messages in a second.
    pub rate_per_s: u32,
    /// Who begins it.
    pub created_by: Label,
    /// When it begins.
    pub created_at_us: Timestamp,
}

/// What a step of a move did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedriveStep {
    /// The queues that messages came to.
    pub arrived: Vec<QueueId>,
    /// How many messages were moved.
    pub moved: u64,
    /// Whether this was the last step.
    pub ended: bool,
}

#[derive(sqlx::FromRow)]
struct RedriveRow {
    id: String,
    queue_id: String,
    target_queue_id: Option<String>,
    rate_per_s: i64,
    state: String,
    total: i64,
    moved: i64,
    skipped: i64,
    created_by: String,
    created_at_us: i64,
    ended_at_us: Option<i64>,
}

impl TryFrom<RedriveRow> for Redrive {
    type Error = Error;

    fn try_from(row: RedriveRow) -> Result<Self, Error> {
        let target = |id: String| column("redrive", "target_queue_id").parse(&id);
        Ok(Self {
            id: column("redrive", "id").parse(&row.id)?,
            queue_id: column("redrive", "queue_id").parse(&row.queue_id)?,
            target_queue_id: row.target_queue_id.map(target).transpose()?,
            rate_per_s: column("redrive", "rate_per_s").number(row.rate_per_s)?,
            state: column("redrive", "state").word(&row.state)?,
            total: column("redrive", "total").number(row.total)?,
            moved: column("redrive", "moved").number(row.moved)?,
            skipped: column("redrive", "skipped").number(row.skipped)?,
            created_by: column("redrive", "created_by").parse(&row.created_by)?,
            created_at_us: Timestamp(row.created_at_us),
            ended_at_us: row.ended_at_us.map(Timestamp),
        })
    }
}

/// The columns of a [`RedriveRow`], in front of the part of a query that says which.
macro_rules! select_redrive {
    ($which:literal) => {
        concat!(
            "
            select id, queue_id, target_queue_id, rate_per_s, state, total, moved, skipped, created_by,
                created_at_us, ended_at_us
            from redrive ",
            $which
        )
    };
}

/// Where a running move stands.
#[derive(sqlx::FromRow)]
struct Standing {
    queue_id: String,
    target_queue_id: Option<String>,
    rate_per_s: i64,
    reached_sequence: i64,
    until_sequence: i64,
}

#[derive(sqlx::FromRow)]
struct CandidateRow {
    id: String,
    sequence: i64,
    group_key: Option<String>,
    source_queue_id: Option<String>,
    lease_token: Option<String>,
    available_at_us: i64,
}

impl Reader {
    /// The move of `queue`'s messages with this id.
    #[tracing::instrument(name = "store.redrive.find", skip_all, fields(redrive.id = %id))]
    pub async fn find_redrive(&mut self, queue: QueueId, id: RedriveId) -> Result<Option<Redrive>, Error> {
        const SQL: &str = select_redrive!("where queue_id = $1 and id = $2");
        let row: Option<RedriveRow> = on!(self, connection => {
            sqlx::query_as(SQL).bind(queue.to_string()).bind(id.to_string()).fetch_optional(connection).await
        })?;
        row.map(Redrive::try_from).transpose()
    }

    /// The moves of `queue`'s messages, newest first, behind `after`.
    #[tracing::instrument(name = "store.redrive.list", skip_all, fields(queue.id = %queue))]
    pub async fn list_redrives(
        &mut self,
        queue: QueueId,
        after: Option<RedriveId>,
        limit: u32,
    ) -> Result<Page<Redrive, RedriveId>, Error> {
        const SQL: &str = select_redrive!("where queue_id = $1 and id < $2 order by id desc limit $3");
        let rows: Vec<RedriveRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(queue.to_string())
                .bind(after.map_or_else(|| BEHIND_ALL.to_owned(), |id| id.to_string()))
                .bind(one_more(limit))
                .fetch_all(connection).await
        })?;
        let redrives = rows.into_iter().map(Redrive::try_from).collect::<Result<_, _>>()?;
        Ok(Page::cut(redrives, limit, |redrive: &Redrive| redrive.id))
    }

    /// The moves that run, and when the next step of each is due.
    #[tracing::instrument(name = "store.redrive.list_running", skip_all)]
    pub async fn list_running_redrives(&mut self) -> Result<Vec<(RedriveId, Timestamp)>, Error> {
        const SQL: &str = "select id, next_at_us from redrive where state = 'running' order by next_at_us";
        let rows: Vec<(String, i64)> = on!(self, connection => sqlx::query_as(SQL).fetch_all(connection).await)?;
        rows.into_iter().map(|(id, at)| Ok((column("redrive", "id").parse(&id)?, Timestamp(at)))).collect()
    }
}

impl Transaction {
    /// Begins a move of all messages that are in the queue now.
    ///
    /// # Errors
    ///
    /// [`Error::Duplicate`] if one of this queue runs.
    #[tracing::instrument(name = "store.redrive.insert", skip_all, fields(redrive.id = %redrive.id))]
    pub async fn insert_redrive(&mut self, redrive: &NewRedrive) -> Result<(), Error> {
        const SQL: &str = "
            insert into redrive (id, queue_id, target_queue_id, rate_per_s, state, total, moved, skipped,
                reached_sequence, until_sequence, next_at_us, created_by, created_at_us)
            select $1, $2, $3, $4, 'running',
                (select cast(coalesce(sum(messages), 0) as bigint) from queue_count where queue_id = $2), 0, 0, -1,
                coalesce((select max(sequence) from message where queue_id = $2), -1), $6, $5, $6
            where true
            on conflict do nothing";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(redrive.id.to_string())
                .bind(redrive.queue_id.to_string())
                .bind(redrive.target_queue_id.map(|id| id.to_string()))
                .bind(i64::from(redrive.rate_per_s))
                .bind(redrive.created_by.as_str())
                .bind(redrive.created_at_us.as_us())
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        if rows == 1 { Ok(()) } else { Err(Error::Duplicate) }
    }

    /// Ends a move that runs; what it moved stays moved. `false` if it does not run.
    #[tracing::instrument(name = "store.redrive.stop", skip_all, fields(redrive.id = %id))]
    pub async fn end_redrive(&mut self, id: RedriveId, state: RedriveState, now: Timestamp) -> Result<bool, Error> {
        const SQL: &str = "update redrive set state = $2, ended_at_us = $3 where id = $1 and state = 'running'";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(id.to_string())
                .bind(state.as_str())
                .bind(now.as_us())
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Does the next step of a move, as many messages as its rate allows in a tenth of a second, at least one and
    /// at most 100. `None` if it is not due or does not run.
    #[tracing::instrument(name = "store.redrive.step", skip_all, fields(redrive.id = %id))]
    pub async fn step_redrive(&mut self, id: RedriveId, now: Timestamp) -> Result<Option<RedriveStep>, Error> {
        const SQLITE: &str = "
            select queue_id, target_queue_id, rate_per_s, reached_sequence, until_sequence from redrive
            where id = $1 and state = 'running' and next_at_us <= $2";
        const POSTGRES: &str = "
            select queue_id, target_queue_id, rate_per_s, reached_sequence, until_sequence from redrive
            where id = $1 and state = 'running' and next_at_us <= $2 for update skip locked";
        const ADVANCE: &str = "
            update redrive set reached_sequence = $2, moved = moved + $3, skipped = skipped + $4, next_at_us = $5
            where id = $1";
        let sql = self.either(SQLITE, POSTGRES);
        let standing: Option<Standing> = on!(self, connection => {
            sqlx::query_as(sql).bind(id.to_string()).bind(now.as_us()).fetch_optional(connection).await
        })?;
        let Some(standing) = standing else { return Ok(None) };
        let rate = standing.rate_per_s.max(1);
        let most = (rate / 10).clamp(1, 100);
        let from: QueueId = column("redrive", "queue_id").parse(&standing.queue_id)?;
        let candidates = self.redrive_candidates(&standing, most).await?;
        let ended = i64::try_from(candidates.len()).unwrap_or(i64::MAX) < most;
        let reached = candidates.last().map_or(standing.until_sequence, |last| last.sequence);
        let (destinations, skipped) = self.destinations(&standing, candidates, now).await?;
        let mut step = RedriveStep { ended, ..RedriveStep::default() };
        for (to, movers) in destinations {
            self.move_messages(from, to, &movers, false, now).await?;
            step.moved += movers.len() as u64;
            step.arrived.push(to);
        }
        let moved = i64::try_from(step.moved).unwrap_or(i64::MAX);
        let next = now.as_us().saturating_add(moved.max(1).saturating_mul(1_000_000) / rate);
        on!(self, connection => {
            sqlx::query(ADVANCE)
                .bind(id.to_string())
                .bind(reached)
                .bind(moved)
                .bind(skipped)
                .bind(next)
                .execute(connection).await.map(drop)
        })?;
        if ended {
            self.end_redrive(id, RedriveState::Done, now).await?;
        }
        Ok(Some(step))
    }

    async fn redrive_candidates(&mut self, standing: &Standing, most: i64) -> Result<Vec<CandidateRow>, Error> {
        const SQLITE: &str = "
            select id, sequence, group_key, source_queue_id, lease_token, available_at_us from message
            where queue_id = $1 and sequence > $2 and sequence <= $3 order by sequence limit $4";
        const POSTGRES: &str = "
            select id, sequence, group_key, source_queue_id, lease_token, available_at_us from message
            where queue_id = $1 and sequence > $2 and sequence <= $3 order by sequence limit $4 for update";
        let sql = self.either(SQLITE, POSTGRES);
        Ok(on!(self, connection => {
            sqlx::query_as(sql)
                .bind(standing.queue_id.as_str())
                .bind(standing.reached_sequence)
                .bind(standing.until_sequence)
                .bind(most)
                .fetch_all(connection).await
        })?)
    }

    /// Where each message goes, and how many stay.
    async fn destinations(
        &mut self,
        standing: &Standing,
        candidates: Vec<CandidateRow>,
        now: Timestamp,
    ) -> Result<(BTreeMap<QueueId, Vec<Mover>>, i64), Error> {
        let mut known: BTreeMap<String, Option<QueueId>> = BTreeMap::new();
        let mut destinations: BTreeMap<QueueId, Vec<Mover>> = BTreeMap::new();
        let mut skipped = 0;
        for row in candidates {
            let wanted = standing.target_queue_id.clone().or(row.source_queue_id);
            let in_flight = row.lease_token.is_some() && row.available_at_us > now.as_us();
            let to = match wanted {
                Some(wanted) if !in_flight => match known.get(&wanted) {
                    Some(found) => *found,
                    None => {
                        let id = column("message", "source_queue_id").parse(&wanted)?;
                        let found = self.find_queue_by_id(id).await?.map(|queue| queue.id);
                        known.insert(wanted, found);
                        found
                    }
                },
                _ => None,
            };
            let Some(to) = to else {
                skipped += 1;
                continue;
            };
            let id: MessageId = column("message", "id").parse(&row.id)?;
            destinations.entry(to).or_default().push(Mover { sequence: row.sequence, id, group: row.group_key });
        }
        Ok((destinations, skipped))
    }
}

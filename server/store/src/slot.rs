//! The ledger of schedules: rows of `slot`.

use domain::{
    CronName, Label, SlotKind, SlotState, Timestamp, VersionNumber,
    id::{FunctionId, InvocationId, SlotId},
};

use crate::{
    Error, Page, Reader, Transaction,
    column::column,
    connection::on,
    page::{BEHIND_ALL, one_more},
};

/// One time at which a schedule was due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Identifies it; made of the time at which it is due, so that slots sort by it.
    pub id: SlotId,
    /// The function.
    pub function_id: FunctionId,
    /// The schedule's name.
    pub name: CronName,
    /// When it was due.
    pub scheduled_at_us: Timestamp,
    /// Why there is one.
    pub kind: SlotKind,
    /// What became of it.
    pub state: SlotState,
    /// How often the function was run for it.
    pub attempt: u32,
    /// Which taking was the last: only its holder may say how it ended.
    pub fence: i64,
    /// From when on it may be taken; absent where it is settled, or waits for another slot's end.
    pub available_at_us: Option<Timestamp>,
    /// The version that ran last.
    pub version: Option<VersionNumber>,
    /// The run that was last.
    pub invocation_id: Option<InvocationId>,
    /// When the function first ran.
    pub started_at_us: Option<Timestamp>,
    /// When it was settled.
    pub finished_at_us: Option<Timestamp>,
    /// Why the last run failed, or it never ran.
    pub error: Option<String>,
    /// Who asked for it.
    pub requested_by: Option<Label>,
}

/// How a slot is left by whoever had taken it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotEnd {
    /// What became of it.
    pub state: SlotState,
    /// How often the function was run for it.
    pub attempt: u32,
    /// From when on it may be taken again; absent where it is settled.
    pub available_at_us: Option<Timestamp>,
    /// When it was settled; absent where it is not.
    pub finished_at_us: Option<Timestamp>,
    /// Why the run failed.
    pub error: Option<String>,
}

#[derive(sqlx::FromRow)]
struct SlotRow {
    id: String,
    function_id: String,
    name: String,
    scheduled_at_us: i64,
    kind: String,
    state: String,
    attempt: i64,
    fence: i64,
    available_at_us: Option<i64>,
    version_number: Option<i64>,
    invocation_id: Option<String>,
    started_at_us: Option<i64>,
    finished_at_us: Option<i64>,
    error: Option<String>,
    requested_by: Option<String>,
}

impl TryFrom<SlotRow> for Slot {
    type Error = Error;

    fn try_from(row: SlotRow) -> Result<Self, Error> {
        let version = row.version_number.map(|number| column("slot", "version_number").number(number)).transpose()?;
        Ok(Self {
            id: column("slot", "id").parse(&row.id)?,
            function_id: column("slot", "function_id").parse(&row.function_id)?,
            name: column("slot", "name").parse(&row.name)?,
            scheduled_at_us: Timestamp(row.scheduled_at_us),
            kind: column("slot", "kind").word(&row.kind)?,
            state: column("slot", "state").word(&row.state)?,
            attempt: column("slot", "attempt").number(row.attempt)?,
            fence: row.fence,
            available_at_us: row.available_at_us.map(Timestamp),
            version: version.map(VersionNumber),
            invocation_id: row.invocation_id.map(|id| column("slot", "invocation_id").parse(&id)).transpose()?,
            started_at_us: row.started_at_us.map(Timestamp),
            finished_at_us: row.finished_at_us.map(Timestamp),
            error: row.error,
            requested_by: row.requested_by.map(|by| column("slot", "requested_by").parse(&by)).transpose()?,
        })
    }
}

/// The columns of a [`SlotRow`]; the rest of the query follows.
macro_rules! select_slot {
    ($rest:literal) => {
        concat!(
            "
            select id, function_id, name, scheduled_at_us, kind, state, attempt, fence, available_at_us,
                version_number, invocation_id, started_at_us, finished_at_us, error, requested_by
            from slot ",
            $rest
        )
    };
}

fn all(rows: Vec<SlotRow>) -> Result<Vec<Slot>, Error> {
    rows.into_iter().map(Slot::try_from).collect()
}

impl Reader {
    /// One slot.
    #[tracing::instrument(name = "store.slot.find", skip_all, fields(slot.id = %id))]
    pub async fn find_slot(&mut self, id: SlotId) -> Result<Option<Slot>, Error> {
        const SQL: &str = select_slot!("where id = $1");
        let row: Option<SlotRow> =
            on!(self, connection => sqlx::query_as(SQL).bind(id.to_string()).fetch_optional(connection).await)?;
        row.map(Slot::try_from).transpose()
    }

    /// The slots of a schedule, the latest first, behind the slot `after`.
    #[tracing::instrument(name = "store.slot.list", skip_all, fields(function.id = %function))]
    pub async fn list_slots(
        &mut self,
        function: FunctionId,
        name: &CronName,
        after: Option<SlotId>,
        limit: u32,
    ) -> Result<Page<Slot, SlotId>, Error> {
        const SQL: &str = select_slot!("where function_id = $1 and name = $2 and id < $3 order by id desc limit $4");
        let rows: Vec<SlotRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(function.to_string())
                .bind(name.as_str())
                .bind(after.map_or_else(|| BEHIND_ALL.to_owned(), |id| id.to_string()))
                .bind(one_more(limit))
                .fetch_all(connection).await
        })?;
        Ok(Page::cut(all(rows)?, limit, |slot: &Slot| slot.id))
    }

    /// The slots that can be taken at `now`, those that could be taken first first.
    #[tracing::instrument(name = "store.slot.list_available", skip_all)]
    pub async fn list_available_slots(&mut self, now: Timestamp, limit: u32) -> Result<Vec<Slot>, Error> {
        const SQL: &str = select_slot!("where available_at_us <= $1 order by available_at_us, id limit $2");
        all(on!(self, connection => {
            sqlx::query_as(SQL).bind(now.as_us()).bind(i64::from(limit)).fetch_all(connection).await
        })?)
    }

    /// The ledgers with more than `most` slots, of schedules that are gone too.
    #[tracing::instrument(name = "store.slot.list_long_ledgers", skip_all)]
    pub async fn list_long_ledgers(&mut self, most: u32) -> Result<Vec<(FunctionId, CronName)>, Error> {
        const SQL: &str = "select function_id, name from slot group by function_id, name having count(*) > $1";
        let rows: Vec<(String, String)> =
            on!(self, connection => sqlx::query_as(SQL).bind(i64::from(most)).fetch_all(connection).await)?;
        let read = |(function, name): (String, String)| {
            Ok((column("slot", "function_id").parse(&function)?, column("slot", "name").parse(&name)?))
        };
        rows.into_iter().map(read).collect()
    }

    /// Whether a slot of the schedule, another one than `except`, runs or is to be tried again.
    #[tracing::instrument(name = "store.slot.has_begun", skip_all, fields(function.id = %function))]
    pub async fn has_begun_slot(
        &mut self,
        function: FunctionId,
        name: &CronName,
        except: Option<SlotId>,
    ) -> Result<bool, Error> {
        const SQL: &str = "
            select id from slot
            where function_id = $1 and name = $2 and finished_at_us is null and state in ('running', 'retrying')
                and id <> $3
            limit 1";
        let found: Option<String> = on!(self, connection => {
            sqlx::query_scalar(SQL)
                .bind(function.to_string())
                .bind(name.as_str())
                .bind(except.map_or_else(String::new, |id| id.to_string()))
                .fetch_optional(connection).await
        })?;
        Ok(found.is_some())
    }
}

impl Transaction {
    /// Adds `slot`. `false` if the schedule has one of that time already.
    #[tracing::instrument(name = "store.slot.insert", skip_all, fields(slot.id = %slot.id))]
    pub async fn insert_slot(&mut self, slot: &Slot) -> Result<bool, Error> {
        const SQL: &str = "
            insert into slot (id, function_id, name, scheduled_at_us, kind, state, available_at_us, finished_at_us,
                requested_by)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(slot.id.to_string())
                .bind(slot.function_id.to_string())
                .bind(slot.name.as_str())
                .bind(slot.scheduled_at_us.as_us())
                .bind(slot.kind.as_str())
                .bind(slot.state.as_str())
                .bind(slot.available_at_us.map(Timestamp::as_us))
                .bind(slot.finished_at_us.map(Timestamp::as_us))
                .bind(slot.requested_by.as_ref().map(Label::as_str))
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Takes a slot until `lease`, if it can be taken at `now`: it runs then, with one attempt more and the next
    /// fence. `None` if someone else took it.
    #[tracing::instrument(name = "store.slot.take", skip_all, fields(slot.id = %id))]
    pub async fn take_slot(&mut self, id: SlotId, now: Timestamp, lease: Timestamp) -> Result<Option<Slot>, Error> {
        const SQL: &str = "
            update slot
            set state = 'running', attempt = attempt + 1, fence = fence + 1, available_at_us = $3,
                started_at_us = coalesce(started_at_us, $2)
            where id = $1 and available_at_us <= $2";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(id.to_string())
                .bind(now.as_us())
                .bind(lease.as_us())
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        if rows == 1 { self.find_slot(id).await } else { Ok(None) }
    }

    /// Has a taken slot keep its lease until `lease`. `false` if `fence` is not the last one any more.
    #[tracing::instrument(name = "store.slot.extend", skip_all, fields(slot.id = %id))]
    pub async fn extend_slot(&mut self, id: SlotId, fence: i64, lease: Timestamp) -> Result<bool, Error> {
        const SQL: &str = "
            update slot set available_at_us = $3 where id = $1 and fence = $2 and state = 'running'";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(id.to_string())
                .bind(fence)
                .bind(lease.as_us())
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Notes which version runs for a taken slot, and as which invocation.
    #[tracing::instrument(name = "store.slot.update_run", skip_all, fields(slot.id = %id))]
    pub async fn update_slot_run(
        &mut self,
        id: SlotId,
        fence: i64,
        version: VersionNumber,
        invocation: InvocationId,
    ) -> Result<(), Error> {
        const SQL: &str = "update slot set version_number = $3, invocation_id = $4 where id = $1 and fence = $2";
        on!(self, connection => {
            sqlx::query(SQL)
                .bind(id.to_string())
                .bind(fence)
                .bind(i64::from(version.0))
                .bind(invocation.to_string())
                .execute(connection).await.map(drop)
        })?;
        Ok(())
    }

    /// Leaves a slot as `end` says. `false` if `fence` is not the last one any more, or it was settled.
    #[tracing::instrument(name = "store.slot.end", skip_all, fields(slot.id = %id))]
    pub async fn end_slot(&mut self, id: SlotId, fence: i64, end: &SlotEnd) -> Result<bool, Error> {
        const SQL: &str = "
            update slot set state = $3, attempt = $4, available_at_us = $5, finished_at_us = $6, error = $7
            where id = $1 and fence = $2 and finished_at_us is null";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(id.to_string())
                .bind(fence)
                .bind(end.state.as_str())
                .bind(i64::from(end.attempt))
                .bind(end.available_at_us.map(Timestamp::as_us))
                .bind(end.finished_at_us.map(Timestamp::as_us))
                .bind(end.error.as_deref())
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Lets the oldest slot of the schedule that waits for another one's end be taken from `now` on.
    #[tracing::instrument(name = "store.slot.release_next", skip_all, fields(function.id = %function))]
    pub async fn release_next_slot(
        &mut self,
        function: FunctionId,
        name: &CronName,
        now: Timestamp,
    ) -> Result<(), Error> {
        const SQL: &str = "
            update slot set available_at_us = $3
            where id = (
                select min(id) from slot
                where function_id = $1 and name = $2 and finished_at_us is null and state = 'waiting'
                    and available_at_us is null
            )";
        on!(self, connection => {
            sqlx::query(SQL)
                .bind(function.to_string())
                .bind(name.as_str())
                .bind(now.as_us())
                .execute(connection).await.map(drop)
        })?;
        Ok(())
    }

    /// Settles the slots of a schedule that nobody runs as failed, because of `error`.
    #[tracing::instrument(name = "store.slot.abandon", skip_all, fields(function.id = %function))]
    pub async fn abandon_slots(
        &mut self,
        function: FunctionId,
        name: &CronName,
        now: Timestamp,
        error: &str,
    ) -> Result<(), Error> {
        const SQL: &str = "
            update slot set state = 'failed', available_at_us = null, finished_at_us = $3, error = $4
            where function_id = $1 and name = $2 and finished_at_us is null and state in ('waiting', 'retrying')";
        on!(self, connection => {
            sqlx::query(SQL)
                .bind(function.to_string())
                .bind(name.as_str())
                .bind(now.as_us())
                .bind(error)
                .execute(connection).await.map(drop)
        })?;
        Ok(())
    }

    /// Deletes the settled slots of a schedule beyond the latest `most`, and says how many.
    #[tracing::instrument(name = "store.slot.delete_old", skip_all, fields(function.id = %function))]
    pub async fn delete_old_slots(&mut self, function: FunctionId, name: &CronName, most: u32) -> Result<u64, Error> {
        const SQL: &str = "
            delete from slot
            where function_id = $1 and name = $2 and finished_at_us is not null and id < (
                select id from slot where function_id = $1 and name = $2 order by id desc limit 1 offset $3
            )";
        Ok(on!(self, connection => {
            sqlx::query(SQL)
                .bind(function.to_string())
                .bind(name.as_str())
                .bind(i64::from(most).saturating_sub(1))
                .execute(connection).await.map(|done| done.rows_affected())
        })?)
    }
}

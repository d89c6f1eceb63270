//! The schedules of live deployments: rows of `schedule`.

use std::{fmt, str::FromStr};

use domain::{
    CronName, CronTrigger, FunctionName, Invalid, Label, Timestamp,
    id::{FunctionId, ProjectId},
};

use crate::{
    Error, Page, Reader, Transaction,
    column::column,
    connection::{Connection, on},
    page::one_more,
};

/// A schedule of a function's live deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The project.
    pub project_id: ProjectId,
    /// The function.
    pub function_id: FunctionId,
    /// The function's name.
    pub function: FunctionName,
    /// All that the deployment says of it; its name is the schedule's.
    pub trigger: CronTrigger,
    /// Every slot up to here has its row.
    pub planned_until_us: Timestamp,
    /// When it is due next; absent while it is paused, or where it never is again.
    pub next_at_us: Option<Timestamp>,
    /// Since when it is paused, and by whom.
    pub paused: Option<(Timestamp, Label)>,
}

/// What schedules of a project are sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleKey {
    /// The function's name.
    pub function: FunctionName,
    /// The schedule's name.
    pub name: CronName,
}

impl fmt::Display for ScheduleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.function, self.name)
    }
}

impl FromStr for ScheduleKey {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (function, name) = text.split_once('.').unwrap_or((text, ""));
        Ok(Self { function: function.parse()?, name: name.parse()? })
    }
}

#[derive(sqlx::FromRow)]
struct ScheduleRow {
    project_id: String,
    function_id: String,
    function_name: String,
    trigger: String,
    planned_until_us: i64,
    next_at_us: Option<i64>,
    paused_at_us: Option<i64>,
    paused_by: Option<String>,
}

impl TryFrom<ScheduleRow> for Schedule {
    type Error = Error;

    fn try_from(row: ScheduleRow) -> Result<Self, Error> {
        let paused_by = row.paused_by.map(|by| column("schedule", "paused_by").parse(&by)).transpose()?;
        Ok(Self {
            project_id: column("schedule", "project_id").parse(&row.project_id)?,
            function_id: column("schedule", "function_id").parse(&row.function_id)?,
            function: column("function", "name").parse(&row.function_name)?,
            trigger: column("schedule", "trigger").json(&row.trigger)?,
            planned_until_us: Timestamp(row.planned_until_us),
            next_at_us: row.next_at_us.map(Timestamp),
            paused: row.paused_at_us.map(Timestamp).zip(paused_by),
        })
    }
}

/// The columns of a [`ScheduleRow`]; the rest of the query follows.
macro_rules! select_schedule {
    ($rest:literal) => {
        concat!(
            "
            select s.project_id, s.function_id, f.name as function_name, s.trigger, s.planned_until_us,
                s.next_at_us, s.paused_at_us, s.paused_by
            from schedule s join function f on f.id = s.function_id ",
            $rest
        )
    };
}

fn all(rows: Vec<ScheduleRow>) -> Result<Vec<Schedule>, Error> {
    rows.into_iter().map(Schedule::try_from).collect()
}

impl Reader {
    /// A schedule of `function`.
    #[tracing::instrument(name = "store.schedule.find", skip_all, fields(function.id = %function))]
    pub async fn find_schedule(&mut self, function: FunctionId, name: &CronName) -> Result<Option<Schedule>, Error> {
        const SQL: &str = select_schedule!("where s.function_id = $1 and s.name = $2");
        self.schedule_by(SQL, function, name).await
    }

    /// The schedules of `project` by function and name, behind `after`.
    #[tracing::instrument(name = "store.schedule.list", skip_all, fields(project.id = %project))]
    pub async fn list_schedules(
        &mut self,
        project: ProjectId,
        after: Option<ScheduleKey>,
        limit: u32,
    ) -> Result<Page<Schedule, ScheduleKey>, Error> {
        const SQL: &str = select_schedule!(
            "where s.project_id = $1 and (f.name > $2 or (f.name = $2 and s.name > $3))
            order by f.name, s.name limit $4"
        );
        let (function, name) =
            after.map_or((String::new(), String::new()), |key| (key.function.into(), key.name.into()));
        let rows: Vec<ScheduleRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(project.to_string())
                .bind(function)
                .bind(name)
                .bind(one_more(limit))
                .fetch_all(connection).await
        })?;
        let key = |last: &Schedule| ScheduleKey { function: last.function.clone(), name: last.trigger.name.clone() };
        Ok(Page::cut(all(rows)?, limit, key))
    }

    /// All schedules of `function`.
    #[tracing::instrument(name = "store.schedule.list_of_function", skip_all, fields(function.id = %function))]
    pub async fn list_schedules_of(&mut self, function: FunctionId) -> Result<Vec<Schedule>, Error> {
        const SQL: &str = select_schedule!("where s.function_id = $1 order by s.name");
        all(on!(self, connection => sqlx::query_as(SQL).bind(function.to_string()).fetch_all(connection).await)?)
    }

    /// The schedules that are due at `now`, the one that is due longest first.
    #[tracing::instrument(name = "store.schedule.list_due", skip_all)]
    pub async fn list_due_schedules(&mut self, now: Timestamp, limit: u32) -> Result<Vec<Schedule>, Error> {
        const SQL: &str = select_schedule!("where s.next_at_us <= $1 order by s.next_at_us limit $2");
        all(on!(self, connection => {
            sqlx::query_as(SQL).bind(now.as_us()).bind(i64::from(limit)).fetch_all(connection).await
        })?)
    }

    /// When the next schedule is due, or a slot can be taken.
    #[tracing::instrument(name = "store.schedule.find_next", skip_all)]
    pub async fn find_next_slot_time(&mut self) -> Result<Option<Timestamp>, Error> {
        const SCHEDULE: &str = "select min(next_at_us) from schedule where next_at_us is not null";
        const SLOT: &str = "select min(available_at_us) from slot where available_at_us is not null";
        let mut next: Option<i64> = None;
        for sql in [SCHEDULE, SLOT] {
            let least: Option<i64> = on!(self, connection => sqlx::query_scalar(sql).fetch_one(connection).await)?;
            next = [next, least].into_iter().flatten().min();
        }
        Ok(next.map(Timestamp))
    }

    async fn schedule_by(
        &mut self,
        sql: &'static str,
        function: FunctionId,
        name: &CronName,
    ) -> Result<Option<Schedule>, Error> {
        let row: Option<ScheduleRow> = on!(self, connection => {
            sqlx::query_as(sql).bind(function.to_string()).bind(name.as_str()).fetch_optional(connection).await
        })?;
        row.map(Schedule::try_from).transpose()
    }
}

impl Transaction {
    /// Reads a schedule and keeps others from planning, taking or settling its slots until this one ends.
    #[tracing::instrument(name = "store.schedule.lock", skip_all, fields(function.id = %function))]
    pub async fn lock_schedule(&mut self, function: FunctionId, name: &CronName) -> Result<Option<Schedule>, Error> {
        // SQLite has one writer, who is alone already.
        const SQLITE: &str = select_schedule!("where s.function_id = $1 and s.name = $2");
        const POSTGRES: &str = select_schedule!("where s.function_id = $1 and s.name = $2 for update of s");
        let sql = match self.connection {
            Connection::Sqlite(_) => SQLITE,
            Connection::Postgres(_) => POSTGRES,
        };
        self.schedule_by(sql, function, name).await
    }

    /// Adds `schedule`, or puts it in the place of the one of its function and name.
    #[tracing::instrument(name = "store.schedule.upsert", skip_all, fields(function.id = %schedule.function_id))]
    pub async fn upsert_schedule(&mut self, schedule: &Schedule) -> Result<(), Error> {
        const SQL: &str = "
            insert into schedule (function_id, name, project_id, trigger, planned_until_us, next_at_us, paused_at_us,
                paused_by)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict (function_id, name) do update
            set trigger = excluded.trigger, planned_until_us = excluded.planned_until_us,
                next_at_us = excluded.next_at_us, paused_at_us = excluded.paused_at_us, paused_by = excluded.paused_by";
        let trigger = column("schedule", "trigger").to_json(&schedule.trigger)?;
        let (paused_at, paused_by) = schedule.paused.clone().unzip();
        on!(self, connection => {
            sqlx::query(SQL)
                .bind(schedule.function_id.to_string())
                .bind(schedule.trigger.name.as_str())
                .bind(schedule.project_id.to_string())
                .bind(trigger)
                .bind(schedule.planned_until_us.as_us())
                .bind(schedule.next_at_us.map(Timestamp::as_us))
                .bind(paused_at.map(Timestamp::as_us))
                .bind(paused_by.as_ref().map(Label::as_str))
                .execute(connection).await.map(drop)
        })?;
        Ok(())
    }

    /// Takes a schedule out; the ledger of its slots stays.
    #[tracing::instrument(name = "store.schedule.delete", skip_all, fields(function.id = %function))]
    pub async fn delete_schedule(&mut self, function: FunctionId, name: &CronName) -> Result<(), Error> {
        const SQL: &str = "delete from schedule where function_id = $1 and name = $2";
        on!(self, connection => {
            sqlx::query(SQL).bind(function.to_string()).bind(name.as_str()).execute(connection).await.map(drop)
        })?;
        Ok(())
    }
}

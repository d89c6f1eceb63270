//! Calls under way: taken under a lease, ended or put off by who holds it.

use domain::{
    CallState, FunctionName, ProjectName, Timestamp, VersionNumber,
    id::{FunctionId, InvocationId, ProjectId},
};

use super::TypedBytes;
use crate::{Error, Reader, Transaction, column::column, connection::on};

/// A call that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueCall {
    /// Identifies it.
    pub id: InvocationId,
    /// The project.
    pub project_id: ProjectId,
    /// The project's name.
    pub project: ProjectName,
    /// The function.
    pub function_id: FunctionId,
    /// The function's name.
    pub function: FunctionName,
    /// The version that it belongs to.
    pub version: VersionNumber,
    /// What the function is given.
    pub payload: TypedBytes,
    /// Attempts that were begun, this one included.
    pub attempts: u32,
    /// When it is too old to be tried.
    pub expires_at_us: Timestamp,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallEnd {
    /// The function answered; with the answer, or why it is not kept.
    Succeeded(Result<TypedBytes, String>),
    /// It failed for good, for this reason.
    Failed(String),
}

#[derive(sqlx::FromRow)]
struct DueCallRow {
    id: String,
    project_id: String,
    project_name: String,
    function_id: String,
    function_name: String,
    version_number: i64,
    content_type: String,
    body: Vec<u8>,
    attempts: i64,
    expires_at_us: i64,
}

impl TryFrom<DueCallRow> for DueCall {
    type Error = Error;

    fn try_from(row: DueCallRow) -> Result<Self, Error> {
        Ok(Self {
            id: column("call", "id").parse(&row.id)?,
            project_id: column("project", "id").parse(&row.project_id)?,
            project: column("project", "name").parse(&row.project_name)?,
            function_id: column("call", "function_id").parse(&row.function_id)?,
            function: column("function", "name").parse(&row.function_name)?,
            version: VersionNumber(column("call", "version_number").number(row.version_number)?),
            payload: TypedBytes { content_type: row.content_type, bytes: row.body },
            attempts: column("call", "attempts").number(row.attempts)?,
            expires_at_us: Timestamp(row.expires_at_us),
        })
    }
}

impl Reader {
    /// When the next call may be taken; absent where none waits.
    #[tracing::instrument(name = "store.call.find_next", skip_all)]
    pub async fn find_next_call(&mut self) -> Result<Option<Timestamp>, Error> {
        const SQL: &str = "select min(available_at_us) from call where ended_at_us is null";
        let next: Option<i64> = on!(self, connection => sqlx::query_scalar(SQL).fetch_one(connection).await)?;
        Ok(next.map(Timestamp))
    }
}

impl Transaction {
    /// Gives the call that has been due longest to who shows `token`, until `until`.
    #[tracing::instrument(name = "store.call.take", skip_all)]
    pub async fn take_call(&mut self, now: Timestamp, until: Timestamp, token: &str) -> Result<Option<DueCall>, Error> {
        const FIRST: &str = "
            select c.id, p.id as project_id, p.name as project_name, f.id as function_id, f.name as function_name,
                c.version_number, c.content_type, c.body, c.attempts + 1 as attempts, c.expires_at_us
            from call c join function f on f.id = c.function_id join project p on p.id = f.project_id
            where c.ended_at_us is null and c.available_at_us <= $1 order by c.available_at_us limit 1";
        const FIRST_FREE: &str = "
            select c.id, p.id as project_id, p.name as project_name, f.id as function_id, f.name as function_name,
                c.version_number, c.content_type, c.body, c.attempts + 1 as attempts, c.expires_at_us
            from call c join function f on f.id = c.function_id join project p on p.id = f.project_id
            where c.ended_at_us is null and c.available_at_us <= $1 order by c.available_at_us limit 1
            for update of c skip locked";
        const TAKE: &str = "
            update call set state = 'running', attempts = attempts + 1, available_at_us = $2, lease_token = $3
            where id = $1";
        let first = self.either(FIRST, FIRST_FREE);
        let row: Option<DueCallRow> =
            on!(self, connection => sqlx::query_as(first).bind(now.as_us()).fetch_optional(connection).await)?;
        let Some(row) = row else { return Ok(None) };
        on!(self, connection => {
            sqlx::query(TAKE)
                .bind(row.id.as_str())
                .bind(until.as_us())
                .bind(token)
                .execute(connection).await.map(drop)
        })?;
        row.try_into().map(Some)
    }

    /// Has the lease of a call last until `until`. `false` if `token` does not hold it.
    #[tracing::instrument(name = "store.call.extend", skip_all, fields(invocation.id = %id))]
    pub async fn extend_call(
        &mut self,
        id: InvocationId,
        token: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, Error> {
        const SQL: &str = "
            update call set available_at_us = $4
            where id = $1 and lease_token = $2 and available_at_us > $3 and ended_at_us is null";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(id.to_string())
                .bind(token)
                .bind(now.as_us())
                .bind(until.as_us())
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Has a call wait until `at`, with the reason; `attempts` says how many it has had. `false` if `token` does
    /// not hold it.
    #[tracing::instrument(name = "store.call.put_off", skip_all, fields(invocation.id = %id))]
    pub async fn put_off_call(
        &mut self,
        id: InvocationId,
        token: &str,
        (now, at): (Timestamp, Timestamp),
        attempts: u32,
        error: &str,
    ) -> Result<bool, Error> {
        const SQL: &str = "
            update call set state = 'pending', lease_token = null, available_at_us = $4, attempts = $5, error = $6
            where id = $1 and lease_token = $2 and available_at_us > $3 and ended_at_us is null";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(id.to_string())
                .bind(token)
                .bind(now.as_us())
                .bind(at.as_us())
                .bind(i64::from(attempts))
                .bind(error)
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Ends a call. `false` if `token` does not hold it.
    #[tracing::instrument(name = "store.call.end", skip_all, fields(invocation.id = %id))]
    pub async fn end_call(
        &mut self,
        id: InvocationId,
        token: &str,
        now: Timestamp,
        end: &CallEnd,
    ) -> Result<bool, Error> {
        const SQL: &str = "
            update call set state = $4, lease_token = null, ended_at_us = $3, answer_content_type = $5, answer = $6,
                error = $7
            where id = $1 and lease_token = $2 and available_at_us > $3 and ended_at_us is null";
        let (state, answer, error) = match end {
            CallEnd::Succeeded(Ok(answer)) => (CallState::Succeeded, Some(answer), None),
            CallEnd::Succeeded(Err(why_not)) => (CallState::Succeeded, None, Some(why_not.as_str())),
            CallEnd::Failed(error) => (CallState::Failed, None, Some(error.as_str())),
        };
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(id.to_string())
                .bind(token)
                .bind(now.as_us())
                .bind(state.as_str())
                .bind(answer.map(|answer| answer.content_type.as_str()))
                .bind(answer.map(|answer| answer.bytes.as_slice()))
                .bind(error)
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Forgets at most `most` calls that ended before `before`; gives how many.
    #[tracing::instrument(name = "store.call.delete_ended", skip_all)]
    pub async fn delete_ended_calls(&mut self, before: Timestamp, most: u32) -> Result<u64, Error> {
        const SQL: &str = "
            delete from call where id in (select id from call where ended_at_us < $1 order by ended_at_us limit $2)";
        Ok(on!(self, connection => {
            sqlx::query(SQL)
                .bind(before.as_us())
                .bind(i64::from(most))
                .execute(connection).await.map(|done| done.rows_affected())
        })?)
    }
}

//! Asynchronous calls: rows of `call`.

mod work;

use domain::{
    CallState, Label, Timestamp, VersionNumber,
    id::{FunctionId, InvocationId},
};

pub use self::work::{CallEnd, DueCall};
use crate::{
    Error, Page, Reader, Transaction,
    column::column,
    connection::on,
    page::{BEHIND_ALL, one_more},
};

/// A value with its media type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedBytes {
    /// The media type.
    pub content_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A call that is to be made.
#[derive(Clone, Debug)]
pub struct NewCall {
    /// Identifies it.
    pub id: InvocationId,
    /// The function.
    pub function_id: FunctionId,
    /// The version that was drawn for it.
    pub version: VersionNumber,
    /// What the function is given.
    pub payload: TypedBytes,
    /// Who made it.
    pub created_by: Label,
    /// When it was made.
    pub created_at_us: Timestamp,
    /// When it is too old to be tried.
    pub expires_at_us: Timestamp,
}

/// An asynchronous call, without its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Identifies it.
    pub id: InvocationId,
    /// The version that it belongs to.
    pub version: VersionNumber,
    /// Where it stands.
    pub state: CallState,
    /// Attempts that were begun.
    pub attempts: u32,
    /// When the next attempt may begin, or the present one is given up.
    pub available_at_us: Timestamp,
    /// What the function answered.
    pub answer: Option<TypedBytes>,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// Who made it.
    pub created_by: Label,
    /// When it was made.
    pub created_at_us: Timestamp,
    /// When it is too old to be tried.
    pub expires_at_us: Timestamp,
    /// When it ended.
    pub ended_at_us: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct CallRow {
    id: String,
    version_number: i64,
    state: String,
    attempts: i64,
    available_at_us: i64,
    answer_content_type: Option<String>,
    answer: Option<Vec<u8>>,
    error: Option<String>,
    created_by: String,
    created_at_us: i64,
    expires_at_us: i64,
    ended_at_us: Option<i64>,
}

impl TryFrom<CallRow> for Call {
    type Error = Error;

    fn try_from(row: CallRow) -> Result<Self, Error> {
        let answer = row.answer_content_type.zip(row.answer);
        Ok(Self {
            id: column("call", "id").parse(&row.id)?,
            version: VersionNumber(column("call", "version_number").number(row.version_number)?),
            state: column("call", "state").word(&row.state)?,
            attempts: column("call", "attempts").number(row.attempts)?,
            available_at_us: Timestamp(row.available_at_us),
            answer: answer.map(|(content_type, bytes)| TypedBytes { content_type, bytes }),
            error: row.error,
            created_by: column("call", "created_by").parse(&row.created_by)?,
            created_at_us: Timestamp(row.created_at_us),
            expires_at_us: Timestamp(row.expires_at_us),
            ended_at_us: row.ended_at_us.map(Timestamp),
        })
    }
}

/// The columns of a [`CallRow`], in front of the part of a query that says which. A list leaves out the answers.
macro_rules! select_call {
    ($answer:literal, $which:literal) => {
        concat!(
            "
            select id, version_number, state, attempts, available_at_us, ",
            $answer,
            ", error, created_by, created_at_us, expires_at_us, ended_at_us
            from call where function_id = $1 ",
            $which
        )
    };
}

impl Reader {
    /// A call of `function`.
    #[tracing::instrument(name = "store.call.find", skip_all, fields(invocation.id = %id))]
    pub async fn find_call(&mut self, function: FunctionId, id: InvocationId) -> Result<Option<Call>, Error> {
        const SQL: &str = select_call!("answer_content_type, answer", "and id = $2");
        let row: Option<CallRow> = on!(self, connection => {
            sqlx::query_as(SQL).bind(function.to_string()).bind(id.to_string()).fetch_optional(connection).await
        })?;
        row.map(Call::try_from).transpose()
    }

    /// The calls of `function`, newest first, behind the call `after`, without their answers.
    #[tracing::instrument(name = "store.call.list", skip_all, fields(function.id = %function))]
    pub async fn list_calls(
        &mut self,
        function: FunctionId,
        after: Option<InvocationId>,
        limit: u32,
    ) -> Result<Page<Call, InvocationId>, Error> {
        const SQLITE: &str =
            select_call!("null as answer_content_type, null as answer", "and id < $2 order by id desc limit $3");
        const POSTGRES: &str = select_call!(
            "null::text as answer_content_type, null::bytea as answer",
            "and id < $2 order by id desc limit $3"
        );
        let sql = self.either(SQLITE, POSTGRES);
        let rows: Vec<CallRow> = on!(self, connection => {
            sqlx::query_as(sql)
                .bind(function.to_string())
                .bind(after.map_or_else(|| BEHIND_ALL.to_owned(), |id| id.to_string()))
                .bind(one_more(limit))
                .fetch_all(connection).await
        })?;
        let calls = rows.into_iter().map(Call::try_from).collect::<Result<_, _>>()?;
        Ok(Page::cut(calls, limit, |call: &Call| call.id))
    }
}

impl Transaction {
    /// Adds a call that may begin at once. `false` if its function is gone.
    ///
    /// # Errors
    ///
    /// [`Error::Duplicate`] if there is one with its id.
    #[tracing::instrument(name = "store.call.insert", skip_all, fields(invocation.id = %call.id))]
    pub async fn insert_call(&mut self, call: &NewCall) -> Result<bool, Error> {
        const SQL: &str = "
            insert into call (id, function_id, version_number, state, content_type, body, available_at_us,
                expires_at_us, created_by, created_at_us)
            select $1, f.id, $3, 'pending', $4, $5, $6, $7, $8, $6 from function f where f.id = $2";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(call.id.to_string())
                .bind(call.function_id.to_string())
                .bind(i64::from(call.version.0))
                .bind(call.payload.content_type.as_str())
                .bind(call.payload.bytes.as_slice())
                .bind(call.created_at_us.as_us())
                .bind(call.expires_at_us.as_us())
                .bind(call.created_by.as_str())
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Cancels a call that waits. `false` if it runs, has ended, or is not there.
    #[tracing::instrument(name = "store.call.cancel", skip_all, fields(invocation.id = %id))]
    pub async fn cancel_call(&mut self, function: FunctionId, id: InvocationId, now: Timestamp) -> Result<bool, Error> {
        const SQL: &str = "
            update call set state = 'cancelled', ended_at_us = $3
            where function_id = $1 and id = $2 and state = 'pending'";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(function.to_string())
                .bind(id.to_string())
                .bind(now.as_us())
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }
}

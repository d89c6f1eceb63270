//! Components with their configurations: rows of `version`.

use domain::{
    Configuration, Digest, Failure, Label, Message, Timestamp, Verdict, VersionNumber, VersionState,
    id::{FunctionId, VersionId},
    version::Source,
};

use crate::{Error, Page, Reader, Transaction, column::column, connection::on, page::one_more};

/// A component with its configuration: immutable but for its preparation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Identifies it.
    pub id: VersionId,
    /// The function it belongs to.
    pub function_id: FunctionId,
    /// Its number within the function.
    pub number: VersionNumber,
    /// The component's SHA-256.
    pub component: Digest,
    /// The component's size.
    pub component_bytes: u64,
    /// What it runs with.
    pub configuration: Configuration,
    /// What came of checking and compiling it.
    pub preparation: Preparation,
    /// Why it was made.
    pub message: Message,
    /// Where it came from.
    pub source: Source,
    /// Who made it.
    pub created_by: Label,
    /// When it was uploaded.
    pub created_at_us: Timestamp,
}

/// What came of checking and compiling a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preparation {
    /// It is not done.
    Preparing,
    /// It can be deployed.
    Ready(Verdict),
    /// It was refused.
    Failed(Failure),
}

impl Preparation {
    /// The state alone.
    #[must_use]
    pub const fn state(&self) -> VersionState {
        match self {
            Self::Preparing => VersionState::Preparing,
            Self::Ready(_) => VersionState::Ready,
            Self::Failed(_) => VersionState::Failed,
        }
    }
}

/// A version that is to be made; its number is drawn when it is inserted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVersion {
    /// Identifies it.
    pub id: VersionId,
    /// The function it belongs to.
    pub function_id: FunctionId,
    /// The SHA-256 of a component that was inserted before.
    pub component: Digest,
    /// What it runs with.
    pub configuration: Configuration,
    /// Why it is made.
    pub message: Message,
    /// Where it came from.
    pub source: Source,
    /// Who makes it.
    pub created_by: Label,
    /// When it was uploaded.
    pub created_at_us: Timestamp,
}

/// What became of an attempt to delete a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionDeletion {
    /// It is gone.
    Deleted,
    /// There was none of that number.
    Missing,
    /// A deployment names it, so it stays.
    Deployed,
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    id: String,
    function_id: String,
    number: i64,
    component_sha256: String,
    component_bytes: i64,
    configuration: String,
    state: String,
    verdict: Option<String>,
    failure: Option<String>,
    message: String,
    source: String,
    created_by: String,
    created_at_us: i64,
}

impl TryFrom<VersionRow> for Version {
    type Error = Error;

    fn try_from(row: VersionRow) -> Result<Self, Error> {
        let state = column("version", "state");
        let preparation = match (state.word(&row.state)?, row.verdict, row.failure) {
            (VersionState::Preparing, None, None) => Preparation::Preparing,
            (VersionState::Ready, Some(verdict), None) => {
                Preparation::Ready(column("version", "verdict").json(&verdict)?)
            }
            (VersionState::Failed, None, Some(failure)) => {
                Preparation::Failed(column("version", "failure").json(&failure)?)
            }
            _ => return Err(state.corrupt("does not go with the verdict and the failure that are there")),
        };
        Ok(Self {
            id: column("version", "id").parse(&row.id)?,
            function_id: column("version", "function_id").parse(&row.function_id)?,
            number: VersionNumber(column("version", "number").number(row.number)?),
            component: column("version", "component_sha256").parse(&row.component_sha256)?,
            component_bytes: column("component", "bytes").number(row.component_bytes)?,
            configuration: column("version", "configuration").json(&row.configuration)?,
            preparation,
            message: column("version", "message").parse(&row.message)?,
            source: column("version", "source").word(&row.source)?,
            created_by: column("version", "created_by").parse(&row.created_by)?,
            created_at_us: Timestamp(row.created_at_us),
        })
    }
}

/// The columns of a [`VersionRow`], in front of the part of a query that says which.
macro_rules! select_version {
    ($which:literal) => {
        concat!(
            "
            select v.id, v.function_id, v.number, v.component_sha256, c.bytes as component_bytes, v.configuration,
                v.state, v.verdict, v.failure, v.message, v.source, v.created_by, v.created_at_us
            from version v join component c on c.sha256 = v.component_sha256 ",
            $which
        )
    };
}

impl Reader {
    /// The version of `function` with this number.
    #[tracing::instrument(name = "store.version.find", skip_all, fields(function.id = %function, version.number = %number))]
    pub async fn find_version(
        &mut self,
        function: FunctionId,
        number: VersionNumber,
    ) -> Result<Option<Version>, Error> {
        const SQL: &str = select_version!("where v.function_id = $1 and v.number = $2");
        let row: Option<VersionRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(function.to_string())
                .bind(i64::from(number.0))
                .fetch_optional(connection).await
        })?;
        row.map(Version::try_from).transpose()
    }

    /// The newest version of `function`.
    #[tracing::instrument(name = "store.version.find_latest", skip_all, fields(function.id = %function))]
    pub async fn find_latest_version(&mut self, function: FunctionId) -> Result<Option<Version>, Error> {
        Ok(self.list_versions(function, None, 1).await?.items.pop())
    }

    /// The versions of `function`, newest first, behind the number `after`.
    #[tracing::instrument(name = "store.version.list", skip_all, fields(function.id = %function))]
    pub async fn list_versions(
        &mut self,
        function: FunctionId,
        after: Option<VersionNumber>,
        limit: u32,
    ) -> Result<Page<Version, VersionNumber>, Error> {
        const SQL: &str = select_version!("where v.function_id = $1 and v.number < $2 order by v.number desc limit $3");
        let rows: Vec<VersionRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(function.to_string())
                .bind(after.map_or(i64::MAX, |number| i64::from(number.0)))
                .bind(one_more(limit))
                .fetch_all(connection).await
        })?;
        let versions = rows.into_iter().map(Version::try_from).collect::<Result<_, _>>()?;
        Ok(Page::cut(versions, limit, |version: &Version| version.number))
    }

    /// All versions that are being prepared, oldest first: what a server that starts takes up again.
    #[tracing::instrument(name = "store.version.list_preparing", skip_all)]
    pub async fn list_preparing_versions(&mut self) -> Result<Vec<Version>, Error> {
        const SQL: &str = select_version!("where v.state = 'preparing' order by v.id");
        let rows: Vec<VersionRow> = on!(self, connection => sqlx::query_as(SQL).fetch_all(connection).await)?;
        rows.into_iter().map(Version::try_from).collect()
    }
}

impl Transaction {
    /// Adds `version` under its function's next number, to be prepared. `None` if the function is gone.
    #[tracing::instrument(name = "store.version.insert", skip_all, fields(version.id = %version.id))]
    pub async fn insert_version(&mut self, version: &NewVersion) -> Result<Option<VersionNumber>, Error> {
        const DRAW: &str = "
            update function set next_version_number = next_version_number + 1, revision = revision + 1
            where id = $1 returning next_version_number - 1";
        const INSERT: &str = "
            insert into version (id, function_id, number, component_sha256, configuration, state, message, source,
                created_by, created_at_us)
            values ($1, $2, $3, $4, $5, 'preparing', $6, $7, $8, $9)";
        let configuration = column("version", "configuration").to_json(&version.configuration)?;
        let drawn: Option<i64> = on!(self, connection => {
            sqlx::query_scalar(DRAW).bind(version.function_id.to_string()).fetch_optional(connection).await
        })?;
        let Some(drawn) = drawn else { return Ok(None) };
        on!(self, connection => {
            sqlx::query(INSERT)
                .bind(version.id.to_string())
                .bind(version.function_id.to_string())
                .bind(drawn)
                .bind(version.component.to_string())
                .bind(configuration)
                .bind(version.message.as_str())
                .bind(version.source.as_str())
                .bind(version.created_by.as_str())
                .bind(version.created_at_us.as_us())
                .execute(connection).await.map(drop)
        })?;
        column("version", "number").number(drawn).map(VersionNumber).map(Some)
    }

    /// Ends a version's preparation well. `false` if it is gone or its preparation has ended already.
    #[tracing::instrument(name = "store.version.update_ready", skip_all, fields(version.id = %id))]
    pub async fn update_version_ready(&mut self, id: VersionId, verdict: &Verdict) -> Result<bool, Error> {
        const SQL: &str = "
            update version set state = 'ready', verdict = $2 where id = $1 and state = 'preparing'";
        let verdict = column("version", "verdict").to_json(verdict)?;
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(id.to_string())
                .bind(verdict)
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Ends a version's preparation badly. `false` if it is gone or its preparation has ended already.
    #[tracing::instrument(name = "store.version.update_failed", skip_all, fields(version.id = %id))]
    pub async fn update_version_failed(&mut self, id: VersionId, failure: &Failure) -> Result<bool, Error> {
        const SQL: &str = "
            update version set state = 'failed', failure = $2 where id = $1 and state = 'preparing'";
        let failure = column("version", "failure").to_json(failure)?;
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(id.to_string())
                .bind(failure)
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Deletes the version of `function` with this number, unless a deployment names it.
    #[tracing::instrument(name = "store.version.delete", skip_all, fields(function.id = %function, version.number = %number))]
    pub async fn delete_version(
        &mut self,
        function: FunctionId,
        number: VersionNumber,
    ) -> Result<VersionDeletion, Error> {
        // The function's row first: a deployment that is being appended holds it, too.
        const TOUCH: &str = "update function set revision = revision + 1 where id = $1";
        const DELETE: &str = "
            delete from version where function_id = $1 and number = $2 and not exists (
                select 1 from deployment d
                where d.function_id = $1 and (d.first_version_number = $2 or d.second_version_number = $2))";
        on!(self, connection => {
            sqlx::query(TOUCH).bind(function.to_string()).execute(connection).await.map(drop)
        })?;
        let rows = on!(self, connection => {
            sqlx::query(DELETE)
                .bind(function.to_string())
                .bind(i64::from(number.0))
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        if rows == 1 {
            return Ok(VersionDeletion::Deleted);
        }
        let there = self.find_version(function, number).await?.is_some();
        Ok(if there { VersionDeletion::Deployed } else { VersionDeletion::Missing })
    }
}

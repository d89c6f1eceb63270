//! Functions: rows of `function`, with what is live of each.

use std::collections::HashMap;

use domain::{
    FunctionName, Message, Timestamp, VersionNumber,
    id::{FunctionId, ProjectId},
};

use crate::{
    Deployment, Error, Page, Reader, Transaction,
    column::column,
    connection::on,
    page::{BEHIND_ALL, one_more},
};

/// A named thing that can be invoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Identifies it.
    pub id: FunctionId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its name; no two functions of a project have the same.
    pub name: FunctionName,
    /// What it is for, in a sentence; empty where nobody said.
    pub description: Message,
    /// When it was created.
    pub created_at_us: Timestamp,
    /// Grows with each change to what people see of it: its description, its newest version, what is live.
    pub revision: i64,
    /// The number of the live deployment; absent before the first.
    pub live_deployment: Option<u32>,
}

/// A function with what is newest and what is live of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionOverview {
    /// The function.
    pub function: Function,
    /// The number of its newest version; absent where it has none.
    pub latest_version: Option<VersionNumber>,
    /// Its live deployment; absent before the first.
    pub live: Option<Deployment>,
}

#[derive(sqlx::FromRow)]
struct FunctionRow {
    id: String,
    project_id: String,
    name: String,
    description: String,
    created_at_us: i64,
    revision: i64,
    live_deployment_number: i64,
}

impl TryFrom<FunctionRow> for Function {
    type Error = Error;

    fn try_from(row: FunctionRow) -> Result<Self, Error> {
        let live: u32 = column("function", "live_deployment_number").number(row.live_deployment_number)?;
        Ok(Self {
            id: column("function", "id").parse(&row.id)?,
            project_id: column("function", "project_id").parse(&row.project_id)?,
            name: column("function", "name").parse(&row.name)?,
            description: column("function", "description").parse(&row.description)?,
            created_at_us: Timestamp(row.created_at_us),
            revision: row.revision,
            live_deployment: (live > 0).then_some(live),
        })
    }
}

#[derive(sqlx::FromRow)]
struct OverviewRow {
    #[sqlx(flatten)]
    function: FunctionRow,
    latest_version_number: Option<i64>,
}

impl OverviewRow {
    fn with_live(self, live: &mut HashMap<FunctionId, Deployment>) -> Result<FunctionOverview, Error> {
        let function = Function::try_from(self.function)?;
        let latest = self.latest_version_number;
        Ok(FunctionOverview {
            latest_version: latest.map(|n| column("version", "number").number(n)).transpose()?.map(VersionNumber),
            live: live.remove(&function.id),
            function,
        })
    }
}

impl Reader {
    /// The function of `project` with this name.
    #[tracing::instrument(name = "store.function.find", skip_all, fields(project.id = %project, function.name = %name))]
    pub async fn find_function(&mut self, project: ProjectId, name: &FunctionName) -> Result<Option<Function>, Error> {
        const SQL: &str = "
            select id, project_id, name, description, created_at_us, revision, live_deployment_number
            from function where project_id = $1 and name = $2";
        let row: Option<FunctionRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(project.to_string())
                .bind(name.as_str())
                .fetch_optional(connection).await
        })?;
        row.map(Function::try_from).transpose()
    }

    /// The function of `project` with this name, and what is newest and live of it.
    #[tracing::instrument(
        name = "store.function.find_overview", skip_all, fields(project.id = %project, function.name = %name)
    )]
    pub async fn find_function_overview(
        &mut self,
        project: ProjectId,
        name: &FunctionName,
    ) -> Result<Option<FunctionOverview>, Error> {
        const SQL: &str = "
            select f.id, f.project_id, f.name, f.description, f.created_at_us, f.revision, f.live_deployment_number,
                (select max(v.number) from version v where v.function_id = f.id) as latest_version_number
            from function f where f.project_id = $1 and f.name = $2";
        let row: Option<OverviewRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(project.to_string())
                .bind(name.as_str())
                .fetch_optional(connection).await
        })?;
        let Some(row) = row else { return Ok(None) };
        let mut live = self.live_between(project, &row.function.id, &row.function.id).await?;
        row.with_live(&mut live).map(Some)
    }

    /// The functions of `project` with what is newest and live of each, newest first, behind the function `after`.
    #[tracing::instrument(name = "store.function.list", skip_all, fields(project.id = %project))]
    pub async fn list_functions(
        &mut self,
        project: ProjectId,
        after: Option<FunctionId>,
        limit: u32,
    ) -> Result<Page<FunctionOverview, FunctionId>, Error> {
        const SQL: &str = "
            select f.id, f.project_id, f.name, f.description, f.created_at_us, f.revision, f.live_deployment_number,
                (select max(v.number) from version v where v.function_id = f.id) as latest_version_number
            from function f where f.project_id = $1 and f.id < $2 order by f.id desc limit $3";
        let rows: Vec<OverviewRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(project.to_string())
                .bind(after.map_or_else(|| BEHIND_ALL.to_owned(), |id| id.to_string()))
                .bind(one_more(limit))
                .fetch_all(connection).await
        })?;
        let mut live = match (rows.last(), rows.first()) {
            (Some(oldest), Some(newest)) => {
                self.live_between(project, &oldest.function.id, &newest.function.id).await?
            }
            _ => HashMap::new(),
        };
        let functions = rows.into_iter().map(|row| row.with_live(&mut live)).collect::<Result<_, _>>()?;
        Ok(Page::cut(functions, limit, |overview: &FunctionOverview| overview.function.id))
    }
}

impl Transaction {
    /// Adds `function`, without versions and deployments.
    ///
    /// # Errors
    ///
    /// [`Error::Duplicate`] if the project has a function of that name.
    #[tracing::instrument(name = "store.function.insert", skip_all, fields(function.id = %function.id))]
    pub async fn insert_function(&mut self, function: &Function) -> Result<(), Error> {
        const SQL: &str = "
            insert into function (id, project_id, name, description, created_at_us, revision)
            values ($1, $2, $3, $4, $5, $6) on conflict do nothing";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(function.id.to_string())
                .bind(function.project_id.to_string())
                .bind(function.name.as_str())
                .bind(function.description.as_str())
                .bind(function.created_at_us.as_us())
                .bind(function.revision)
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        if rows == 1 { Ok(()) } else { Err(Error::Duplicate) }
    }

    /// Changes what a function is for. `false` if it is gone, or not at the revision `expected`.
    #[tracing::instrument(name = "store.function.update", skip_all, fields(function.id = %id))]
    pub async fn update_function(
        &mut self,
        id: FunctionId,
        description: &Message,
        expected: Option<i64>,
    ) -> Result<bool, Error> {
        const SQL: &str = "
            update function set description = $2, revision = revision + 1
            where id = $1 and revision = coalesce($3, revision)";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(id.to_string())
                .bind(description.as_str())
                .bind(expected)
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Deletes a function with its versions and deployments; its name is free then. `false` if it is
    /// gone, or not at the revision `expected`. Components stay in the blob store.
    #[tracing::instrument(name = "store.function.delete", skip_all, fields(function.id = %id))]
    pub async fn delete_function(&mut self, id: FunctionId, expected: Option<i64>) -> Result<bool, Error> {
        const SQL: &str = "delete from function where id = $1 and revision = coalesce($2, revision)";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(id.to_string())
                .bind(expected)
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }
}

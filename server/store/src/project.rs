//! Projects: rows of `project`.

use domain::{Ceiling, ProjectName, Timestamp, id::ProjectId};

use crate::{
    Error, Page, Reader, Transaction,
    column::column,
    connection::{Connection, on},
    page::one_more,
};

/// The unit of isolation and permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Identifies it.
    pub id: ProjectId,
    /// Its name; no two projects have the same.
    pub name: ProjectName,
    /// When it was created.
    pub created_at_us: Timestamp,
    /// The most that its versions' limits may be; what is left out stands at its bound.
    pub ceiling: Ceiling,
    /// Grows with each change to the project.
    pub revision: i64,
}

#[derive(sqlx::FromRow)]
pub(crate) struct ProjectRow {
    id: String,
    name: String,
    created_at_us: i64,
    ceiling: String,
    revision: i64,
}

impl TryFrom<ProjectRow> for Project {
    type Error = Error;

    fn try_from(row: ProjectRow) -> Result<Self, Error> {
        Ok(Self {
            id: column("project", "id").parse(&row.id)?,
            name: column("project", "name").parse(&row.name)?,
            created_at_us: Timestamp(row.created_at_us),
            ceiling: column("project", "ceiling").json(&row.ceiling)?,
            revision: row.revision,
        })
    }
}

impl Reader {
    /// The project with this id.
    #[tracing::instrument(name = "store.project.find", skip_all, fields(project.id = %id))]
    pub async fn find_project(&mut self, id: ProjectId) -> Result<Option<Project>, Error> {
        const SQL: &str = "select id, name, created_at_us, ceiling, revision from project where id = $1";
        let row: Option<ProjectRow> = on!(self, connection => {
            sqlx::query_as(SQL).bind(id.to_string()).fetch_optional(connection).await
        })?;
        row.map(Project::try_from).transpose()
    }

    /// The project with this name.
    #[tracing::instrument(name = "store.project.find_by_name", skip_all, fields(project.name = %name))]
    pub async fn find_project_by_name(&mut self, name: &ProjectName) -> Result<Option<Project>, Error> {
        const SQL: &str = "select id, name, created_at_us, ceiling, revision from project where name = $1";
        let row: Option<ProjectRow> = on!(self, connection => {
            sqlx::query_as(SQL).bind(name.as_str()).fetch_optional(connection).await
        })?;
        row.map(Project::try_from).transpose()
    }

    /// The ceilings of all projects that have one of their own.
    #[tracing::instrument(name = "store.project.list_ceilings", skip_all)]
    pub async fn list_ceilings(&mut self) -> Result<Vec<(ProjectId, Ceiling)>, Error> {
        const SQL: &str = "select id, ceiling from project where ceiling <> '{}'";
        let rows: Vec<(String, String)> = on!(self, connection => sqlx::query_as(SQL).fetch_all(connection).await)?;
        let read = |(id, ceiling): (String, String)| {
            Ok((column("project", "id").parse(&id)?, column("project", "ceiling").json(&ceiling)?))
        };
        rows.into_iter().map(read).collect()
    }

    /// All projects, by name, behind the name `after`.
    #[tracing::instrument(name = "store.project.list", skip_all)]
    pub async fn list_projects(
        &mut self,
        after: Option<&ProjectName>,
        limit: u32,
    ) -> Result<Page<Project, ProjectName>, Error> {
        const SQL: &str =
            "select id, name, created_at_us, ceiling, revision from project where name > $1 order by name limit $2";
        let rows: Vec<ProjectRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(after.map_or("", ProjectName::as_str))
                .bind(one_more(limit))
                .fetch_all(connection).await
        })?;
        let projects = rows.into_iter().map(Project::try_from).collect::<Result<_, _>>()?;
        Ok(Page::cut(projects, limit, |project: &Project| project.name.clone()))
    }
}

impl Transaction {
    /// Adds `project`.
    ///
    /// # Errors
    ///
    /// [`Error::Duplicate`] if there is one of that name.
    #[tracing::instrument(name = "store.project.insert", skip_all, fields(project.id = %project.id))]
    pub async fn insert_project(&mut self, project: &Project) -> Result<(), Error> {
        const SQL: &str = "
            insert into project (id, name, created_at_us, ceiling, revision) values ($1, $2, $3, $4, $5)
            on conflict do nothing";
        let ceiling = column("project", "ceiling").to_json(&project.ceiling)?;
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(project.id.to_string())
                .bind(project.name.as_str())
                .bind(project.created_at_us.as_us())
                .bind(ceiling)
                .bind(project.revision)
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        if rows == 1 { Ok(()) } else { Err(Error::Duplicate) }
    }

    /// Changes a project's ceiling. `false` if the project is gone, or not at the revision `expected`.
    #[tracing::instrument(name = "store.project.update_ceiling", skip_all, fields(project.id = %id))]
    pub async fn update_project_ceiling(
        &mut self,
        id: ProjectId,
        ceiling: &Ceiling,
        expected: i64,
    ) -> Result<bool, Error> {
        const SQL: &str = "
            update project set ceiling = $2, revision = revision + 1 where id = $1 and revision = $3";
        let ceiling = column("project", "ceiling").to_json(ceiling)?;
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(id.to_string())
                .bind(ceiling)
                .bind(expected)
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Keeps other transactions that lock the same project waiting until this one ends, so that what it
    /// counted stays true. `false` if there is no such project.
    #[tracing::instrument(name = "store.project.lock", skip_all, fields(project.id = %id))]
    pub async fn lock_project(&mut self, id: ProjectId) -> Result<bool, Error> {
        // SQLite has one writer, who is alone already.
        const SQLITE: &str = "select id from project where id = $1";
        const POSTGRES: &str = "select id from project where id = $1 for update";
        let sql = match self.connection {
            Connection::Sqlite(_) => SQLITE,
            Connection::Postgres(_) => POSTGRES,
        };
        let locked: Option<String> = on!(self, connection => {
            sqlx::query_scalar(sql).bind(id.to_string()).fetch_optional(connection).await
        })?;
        Ok(locked.is_some())
    }
}

//! Secrets of projects: rows of `secret`, each one version of a name. Values come and go sealed.

use domain::{
    Label, SecretName, Timestamp,
    id::{ProjectId, SecretId},
};

use crate::{Error, Page, Reader, Transaction, column::column, connection::on, page::one_more};

/// One version of a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// Identifies it.
    pub id: SecretId,
    /// The project.
    pub project_id: ProjectId,
    /// What it is called.
    pub name: SecretName,
    /// Its number within the name: 1, 2, 3….
    pub version: u32,
    /// The value, which only the server that has the key can read.
    pub sealed: Vec<u8>,
    /// Tells the key that it is sealed under from others.
    pub key_id: String,
    /// Who wrote it.
    pub created_by: Label,
    /// When it was written.
    pub created_at_us: Timestamp,
}

#[derive(sqlx::FromRow)]
struct SecretRow {
    id: String,
    project_id: String,
    name: String,
    version: i64,
    sealed: Vec<u8>,
    key_id: String,
    created_by: String,
    created_at_us: i64,
}

impl TryFrom<SecretRow> for Secret {
    type Error = Error;

    fn try_from(row: SecretRow) -> Result<Self, Error> {
        Ok(Self {
            id: column("secret", "id").parse(&row.id)?,
            project_id: column("secret", "project_id").parse(&row.project_id)?,
            name: column("secret", "name").parse(&row.name)?,
            version: column("secret", "version").number(row.version)?,
            sealed: row.sealed,
            key_id: row.key_id,
            created_by: column("secret", "created_by").parse(&row.created_by)?,
            created_at_us: Timestamp(row.created_at_us),
        })
    }
}

/// The columns of a [`SecretRow`]; the rest of the query follows.
macro_rules! select_secret {
    ($rest:literal) => {
        concat!("select id, project_id, name, version, sealed, key_id, created_by, created_at_us from secret ", $rest)
    };
}

impl Reader {
    /// One version of a secret.
    #[tracing::instrument(name = "store.secret.find", skip_all, fields(project.id = %project))]
    pub async fn find_secret(
        &mut self,
        project: ProjectId,
        name: &SecretName,
        version: u32,
    ) -> Result<Option<Secret>, Error> {
        const SQL: &str = select_secret!("where project_id = $1 and name = $2 and version = $3");
        let row: Option<SecretRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(project.to_string())
                .bind(name.as_str())
                .bind(i64::from(version))
                .fetch_optional(connection).await
        })?;
        row.map(Secret::try_from).transpose()
    }

    /// The versions of a secret, newest first, at most `limit`.
    #[tracing::instrument(name = "store.secret.list_versions", skip_all, fields(project.id = %project))]
    pub async fn list_secret_versions(
        &mut self,
        project: ProjectId,
        name: &SecretName,
        limit: u32,
    ) -> Result<Vec<Secret>, Error> {
        const SQL: &str = select_secret!("where project_id = $1 and name = $2 order by version desc limit $3");
        let rows: Vec<SecretRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(project.to_string())
                .bind(name.as_str())
                .bind(i64::from(limit))
                .fetch_all(connection).await
        })?;
        rows.into_iter().map(Secret::try_from).collect()
    }

    /// The names of a project's secrets in order, behind the name `after`.
    #[tracing::instrument(name = "store.secret.list_names", skip_all, fields(project.id = %project))]
    pub async fn list_secret_names(
        &mut self,
        project: ProjectId,
        after: Option<&SecretName>,
        limit: u32,
    ) -> Result<Page<SecretName, SecretName>, Error> {
        const SQL: &str = "
            select distinct name from secret where project_id = $1 and name > $2 order by name limit $3";
        let rows: Vec<String> = on!(self, connection => {
            sqlx::query_scalar(SQL)
                .bind(project.to_string())
                .bind(after.map_or("", SecretName::as_str))
                .bind(one_more(limit))
                .fetch_all(connection).await
        })?;
        let names = rows.iter().map(|name| column("secret", "name").parse(name)).collect::<Result<_, _>>()?;
        Ok(Page::cut(names, limit, SecretName::clone))
    }
}

impl Transaction {
    /// Draws the number of a secret's next version.
    #[tracing::instrument(name = "store.secret.draw_version", skip_all, fields(project.id = %project))]
    pub async fn draw_secret_version(&mut self, project: ProjectId, name: &SecretName) -> Result<u32, Error> {
        const SQL: &str = "
            insert into secret_name (project_id, name, next_version) values ($1, $2, 2)
            on conflict (project_id, name) do update set next_version = secret_name.next_version + 1
            returning next_version - 1";
        let drawn: i64 = on!(self, connection => {
            sqlx::query_scalar(SQL).bind(project.to_string()).bind(name.as_str()).fetch_one(connection).await
        })?;
        column("secret_name", "next_version").number(drawn)
    }

    /// Adds `secret`, whose number was drawn.
    ///
    /// # Errors
    ///
    /// [`Error::Duplicate`] if there is one of that number.
    #[tracing::instrument(name = "store.secret.insert", skip_all, fields(secret.id = %secret.id))]
    pub async fn insert_secret(&mut self, secret: &Secret) -> Result<(), Error> {
        const SQL: &str = "
            insert into secret (id, project_id, name, version, sealed, key_id, created_by, created_at_us)
            values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(secret.id.to_string())
                .bind(secret.project_id.to_string())
                .bind(secret.name.as_str())
                .bind(i64::from(secret.version))
                .bind(secret.sealed.as_slice())
                .bind(secret.key_id.as_str())
                .bind(secret.created_by.as_str())
                .bind(secret.created_at_us.as_us())
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        if rows == 1 { Ok(()) } else { Err(Error::Duplicate) }
    }

    /// Deletes all versions of a secret, and says how many there were.
    #[tracing::instrument(name = "store.secret.delete", skip_all, fields(project.id = %project))]
    pub async fn delete_secret(&mut self, project: ProjectId, name: &SecretName) -> Result<u64, Error> {
        const SQL: &str = "delete from secret where project_id = $1 and name = $2";
        Ok(on!(self, connection => {
            sqlx::query(SQL)
                .bind(project.to_string())
                .bind(name.as_str())
                .execute(connection).await.map(|done| done.rows_affected())
        })?)
    }
}

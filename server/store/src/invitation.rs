//! Links that let one person in, once: rows of `invitation`.

use domain::{
    Digest, Email, Role, Timestamp,
    id::{InvitationId, ProjectId},
};

use crate::{Error, Reader, Transaction, column::column, connection::on};

/// A link that lets one person in, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Identifies it.
    pub id: InvitationId,
    /// The digest of the link's secret.
    pub secret_hash: Digest,
    /// What it lets the person do.
    pub grant: Grant,
    /// When it was made.
    pub created_at_us: Timestamp,
    /// When it ends.
    pub expires_at_us: Timestamp,
    /// When it was used; it cannot be used again.
    pub consumed_at_us: Option<Timestamp>,
}

/// What an invitation lets a person do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Become the first person, who owns the first project.
    SetUp,
    /// Join a project.
    Join {
        /// The project.
        project_id: ProjectId,
        /// Who is meant.
        email: Email,
        /// What they will be.
        role: Role,
    },
}

#[derive(sqlx::FromRow)]
struct InvitationRow {
    id: String,
    secret_hash: String,
    project_id: Option<String>,
    email: Option<String>,
    role: String,
    created_at_us: i64,
    expires_at_us: i64,
    consumed_at_us: Option<i64>,
}

impl TryFrom<InvitationRow> for Invitation {
    type Error = Error;

    fn try_from(row: InvitationRow) -> Result<Self, Error> {
        let grant = match (row.project_id, row.email) {
            (Some(project_id), Some(email)) => Grant::Join {
                project_id: column("invitation", "project_id").parse(&project_id)?,
                email: column("invitation", "email").parse(&email)?,
                role: column("invitation", "role").parse(&row.role)?,
            },
            (None, None) => Grant::SetUp,
            _ => return Err(column("invitation", "email").corrupt("is present without a project, or missing with one")),
        };
        Ok(Self {
            id: column("invitation", "id").parse(&row.id)?,
            secret_hash: column("invitation", "secret_hash").parse(&row.secret_hash)?,
            grant,
            created_at_us: Timestamp(row.created_at_us),
            expires_at_us: Timestamp(row.expires_at_us),
            consumed_at_us: row.consumed_at_us.map(Timestamp),
        })
    }
}

impl Reader {
    /// The invitation with this secret, whether or not it is used or over.
    #[tracing::instrument(name = "store.invitation.find", skip_all)]
    pub async fn find_invitation(&mut self, secret_hash: &Digest) -> Result<Option<Invitation>, Error> {
        const SQL: &str = "
            select id, secret_hash, project_id, email, role, created_at_us, expires_at_us, consumed_at_us
            from invitation where secret_hash = $1";
        let row: Option<InvitationRow> = on!(self, connection => {
            sqlx::query_as(SQL).bind(secret_hash.to_string()).fetch_optional(connection).await
        })?;
        row.map(Invitation::try_from).transpose()
    }
}

impl Transaction {
    /// Adds `invitation`, unused.
    ///
    /// # Errors
    ///
    /// [`Error::Duplicate`] if there is one with its id or secret.
    #[tracing::instrument(name = "store.invitation.insert", skip_all, fields(invitation.id = %invitation.id))]
    pub async fn insert_invitation(&mut self, invitation: &Invitation) -> Result<(), Error> {
        const SQL: &str = "
            insert into invitation (id, secret_hash, project_id, email, role, created_at_us, expires_at_us)
            values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing";
        let (project, email, role) = match &invitation.grant {
            Grant::SetUp => (None, None, Role::Owner),
            Grant::Join { project_id, email, role } => (Some(project_id.to_string()), Some(email.as_str()), *role),
        };
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(invitation.id.to_string())
                .bind(invitation.secret_hash.to_string())
                .bind(project)
                .bind(email)
                .bind(role.as_str())
                .bind(invitation.created_at_us.as_us())
                .bind(invitation.expires_at_us.as_us())
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        if rows == 1 { Ok(()) } else { Err(Error::Duplicate) }
    }

    /// Uses an invitation up. `true` for exactly one caller, and only before the invitation ends.
    #[tracing::instrument(name = "store.invitation.consume", skip_all, fields(invitation.id = %id))]
    pub async fn consume_invitation(&mut self, id: InvitationId, now: Timestamp) -> Result<bool, Error> {
        const SQL: &str = "
            update invitation set consumed_at_us = $2
            where id = $1 and consumed_at_us is null and expires_at_us > $2";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(id.to_string())
                .bind(now.as_us())
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Removes all set-up links, so that only a new one works.
    #[tracing::instrument(name = "store.invitation.delete_set_up", skip_all)]
    pub async fn delete_set_up_invitations(&mut self) -> Result<u64, Error> {
        const SQL: &str = "delete from invitation where project_id is null";
        Ok(on!(self, connection => {
            sqlx::query(SQL).execute(connection).await.map(|done| done.rows_affected())
        })?)
    }

    /// Removes the invitations that are over at `now`, and says how many.
    #[tracing::instrument(name = "store.invitation.delete_expired", skip_all)]
    pub async fn delete_expired_invitations(&mut self, now: Timestamp) -> Result<u64, Error> {
        const SQL: &str = "delete from invitation where expires_at_us <= $1";
        Ok(on!(self, connection => {
            sqlx::query(SQL).bind(now.as_us()).execute(connection).await.map(|done| done.rows_affected())
        })?)
    }
}

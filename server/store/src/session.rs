//! Signed-in browsers: rows of `session`.

use domain::{
    Digest, Timestamp,
    id::{PersonId, SessionId},
};

use crate::{Error, Person, Reader, Transaction, column::column, connection::on, person::PersonRow};

/// A signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Identifies it.
    pub id: SessionId,
    /// Who signed in.
    pub person_id: PersonId,
    /// The digest of the cookie's secret.
    pub secret_hash: Digest,
    /// What requests of this session that change something must carry.
    pub csrf_token: String,
    /// When it began.
    pub created_at_us: Timestamp,
    /// When it ends.
    pub expires_at_us: Timestamp,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: String,
    secret_hash: String,
    csrf_token: String,
    created_at_us: i64,
    expires_at_us: i64,
    #[sqlx(flatten)]
    person: PersonRow,
}

impl TryFrom<SessionRow> for (Session, Person) {
    type Error = Error;

    fn try_from(row: SessionRow) -> Result<Self, Error> {
        let person = Person::try_from(row.person)?;
        let session = Session {
            id: column("session", "id").parse(&row.id)?,
            person_id: person.id,
            secret_hash: column("session", "secret_hash").parse(&row.secret_hash)?,
            csrf_token: row.csrf_token,
            created_at_us: Timestamp(row.created_at_us),
            expires_at_us: Timestamp(row.expires_at_us),
        };
        Ok((session, person))
    }
}

impl Reader {
    /// The session with this secret and who signed in, whether or not it is over.
    #[tracing::instrument(name = "store.session.find", skip_all)]
    pub async fn find_session(&mut self, secret_hash: &Digest) -> Result<Option<(Session, Person)>, Error> {
        const SQL: &str = "
            select s.id, s.secret_hash, s.csrf_token, s.created_at_us, s.expires_at_us,
                p.id as person_id, p.email, p.name as person_name, p.created_at_us as joined_at_us
            from session s join person p on p.id = s.person_id
            where s.secret_hash = $1";
        let row: Option<SessionRow> = on!(self, connection => {
            sqlx::query_as(SQL).bind(secret_hash.to_string()).fetch_optional(connection).await
        })?;
        row.map(TryInto::try_into).transpose()
    }
}

impl Transaction {
    /// Adds `session`.
    ///
    /// # Errors
    ///
    /// [`Error::Duplicate`] if there is one with its id or secret.
    #[tracing::instrument(name = "store.session.insert", skip_all, fields(session.id = %session.id))]
    pub async fn insert_session(&mut self, session: &Session) -> Result<(), Error> {
        const SQL: &str = "
            insert into session (id, person_id, secret_hash, csrf_token, created_at_us, expires_at_us)
            values ($1, $2, $3, $4, $5, $6) on conflict do nothing";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(session.id.to_string())
                .bind(session.person_id.to_string())
                .bind(session.secret_hash.to_string())
                .bind(session.csrf_token.as_str())
                .bind(session.created_at_us.as_us())
                .bind(session.expires_at_us.as_us())
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        if rows == 1 { Ok(()) } else { Err(Error::Duplicate) }
    }

    /// Ends a session. `false` if there is no such session.
    #[tracing::instrument(name = "store.session.delete", skip_all, fields(session.id = %id))]
    pub async fn delete_session(&mut self, id: SessionId) -> Result<bool, Error> {
        const SQL: &str = "delete from session where id = $1";
        let rows = on!(self, connection => {
            sqlx::query(SQL).bind(id.to_string()).execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Removes the sessions that are over at `now`, and says how many.
    #[tracing::instrument(name = "store.session.delete_expired", skip_all)]
    pub async fn delete_expired_sessions(&mut self, now: Timestamp) -> Result<u64, Error> {
        const SQL: &str = "delete from session where expires_at_us <= $1";
        Ok(on!(self, connection => {
            sqlx::query(SQL).bind(now.as_us()).execute(connection).await.map(|done| done.rows_affected())
        })?)
    }
}

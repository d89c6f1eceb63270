//! Answers to requests that may be sent twice: rows of `idempotency`.

use domain::{Digest, Timestamp};

use crate::{Error, Transaction, column::column, connection::on};

/// What became of an attempt to reserve a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// The key was free and is the caller's now.
    New,
    /// The same request is being worked on.
    Running,
    /// The same request was answered.
    Answered(Answer),
    /// The key was used for another request.
    Other,
}

/// The answer to a request, as it is sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Where the new thing is, if one was made.
    pub location: Option<String>,
    /// The body.
    pub body: String,
}

#[derive(sqlx::FromRow)]
struct IdempotencyRow {
    request_sha256: String,
    status: Option<i64>,
    location: Option<String>,
    body: Option<String>,
}

impl IdempotencyRow {
    fn reservation(self, request: &Digest) -> Result<Reservation, Error> {
        let first: Digest = column("idempotency", "request_sha256").parse(&self.request_sha256)?;
        if first != *request {
            return Ok(Reservation::Other);
        }
        let Some(status) = self.status else { return Ok(Reservation::Running) };
        Ok(Reservation::Answered(Answer {
            status: column("idempotency", "status").number(status)?,
            location: self.location,
            body: self.body.unwrap_or_default(),
        }))
    }
}

impl Transaction {
    /// Reserves `key` of `scope` (whose keys they are) for `request` until `expires_at`, which should be
    /// soon: it is how long a server that died keeps the request from being sent again.
    #[tracing::instrument(name = "store.idempotency.reserve", skip_all)]
    pub async fn reserve_idempotency(
        &mut self,
        scope: &str,
        key: &str,
        request: &Digest,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Reservation, Error> {
        const INSERT: &str = "
            insert into idempotency (scope, key, request_sha256, expires_at_us) values ($1, $2, $3, $4)
            on conflict (scope, key) do update
            set request_sha256 = excluded.request_sha256, status = null, location = null, body = null,
                expires_at_us = excluded.expires_at_us
            where idempotency.expires_at_us <= $5";
        const FIND: &str = "
            select request_sha256, status, location, body from idempotency where scope = $1 and key = $2";
        let rows = on!(self, connection => {
            sqlx::query(INSERT)
                .bind(scope)
                .bind(key)
                .bind(request.to_string())
                .bind(expires_at.as_us())
                .bind(now.as_us())
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        if rows == 1 {
            return Ok(Reservation::New);
        }
        let row: Option<IdempotencyRow> = on!(self, connection => {
            sqlx::query_as(FIND).bind(scope).bind(key).fetch_optional(connection).await
        })?;
        // Gone between the two statements: whoever held it is just giving it back.
        row.map_or(Ok(Reservation::Running), |row| row.reservation(request))
    }

    /// Keeps the answer to the request that reserved `key`, to be sent again until `expires_at`.
    #[tracing::instrument(name = "store.idempotency.update", skip_all)]
    pub async fn complete_idempotency(
        &mut self,
        scope: &str,
        key: &str,
        answer: &Answer,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        const SQL: &str = "
            update idempotency set status = $3, location = $4, body = $5, expires_at_us = $6
            where scope = $1 and key = $2 and status is null";
        on!(self, connection => {
            sqlx::query(SQL)
                .bind(scope)
                .bind(key)
                .bind(i64::from(answer.status))
                .bind(answer.location.as_deref())
                .bind(answer.body.as_str())
                .bind(expires_at.as_us())
                .execute(connection).await.map(drop)
        })?;
        Ok(())
    }

    /// Gives a reserved key back, so that the request may be sent again.
    #[tracing::instrument(name = "store.idempotency.delete", skip_all)]
    pub async fn release_idempotency(&mut self, scope: &str, key: &str) -> Result<(), Error> {
        const SQL: &str = "delete from idempotency where scope = $1 and key = $2 and status is null";
        on!(self, connection => sqlx::query(SQL).bind(scope).bind(key).execute(connection).await.map(drop))?;
        Ok(())
    }

    /// Forgets the keys that are over at `now`, and says how many.
    #[tracing::instrument(name = "store.idempotency.delete_expired", skip_all)]
    pub async fn delete_expired_idempotency(&mut self, now: Timestamp) -> Result<u64, Error> {
        const SQL: &str = "delete from idempotency where expires_at_us <= $1";
        Ok(on!(self, connection => {
            sqlx::query(SQL).bind(now.as_us()).execute(connection).await.map(|done| done.rows_affected())
        })?)
    }
}

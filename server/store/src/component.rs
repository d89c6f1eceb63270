//! Which components are in the blob store: rows of `component`.

use domain::{Digest, Timestamp};

use crate::{Error, Transaction, connection::on};

/// A stored component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component {
    /// Its SHA-256, which is its address in the blob store.
    pub sha256: Digest,
    /// Its size.
    pub bytes: u64,
    /// When it first came.
    pub created_at_us: Timestamp,
}

impl Transaction {
    /// Adds `component` unless it is known already.
    #[tracing::instrument(name = "store.component.insert", skip_all, fields(component.sha256 = %component.sha256))]
    pub async fn insert_component(&mut self, component: &Component) -> Result<(), Error> {
        const SQL: &str = "
            insert into component (sha256, bytes, created_at_us) values ($1, $2, $3) on conflict do nothing";
        on!(self, connection => {
            sqlx::query(SQL)
                .bind(component.sha256.to_string())
                .bind(i64::try_from(component.bytes).unwrap_or(i64::MAX))
                .bind(component.created_at_us.as_us())
                .execute(connection).await.map(drop)
        })?;
        Ok(())
    }
}

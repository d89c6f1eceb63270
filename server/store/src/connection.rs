//! One connection to either database, and the two handles on it: one that reads, one that changes.

use std::ops::{Deref, DerefMut};

use sqlx::{Postgres, Sqlite, pool::PoolConnection};

use crate::Error;

/// A connection to either database.
pub(crate) enum Connection {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// Runs the same expression on whichever database the handle is connected to.
macro_rules! on {
    ($handle:expr, $connection:ident => $query:expr) => {
        match &mut $handle.connection {
            $crate::connection::Connection::Sqlite(pooled) => {
                let $connection = &mut **pooled;
                $query
            }
            $crate::connection::Connection::Postgres(pooled) => {
                let $connection = &mut **pooled;
                $query
            }
        }
    };
}
pub(crate) use on;

/// Reads. Each statement sees what was committed before it began.
pub struct Reader {
    pub(crate) connection: Connection,
}

/// Reads and changes; what it changes is stored whole or not at all.
pub struct Transaction {
    reader: Reader,
}

impl Transaction {
    /// Takes a connection that may write. Nothing is begun yet.
    pub(crate) const fn over(connection: Connection) -> Self {
        Self { reader: Reader { connection } }
    }

    /// Runs a statement that begins or ends something, such as `commit`.
    pub(crate) async fn bound(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        on!(self, connection => sqlx::raw_sql(sql).execute(connection).await.map(drop))
    }

    /// Closes the connection instead of giving it back: its state is not known any more.
    pub(crate) fn discard(mut self) {
        match &mut self.connection {
            Connection::Sqlite(pooled) => pooled.close_on_drop(),
            Connection::Postgres(pooled) => pooled.close_on_drop(),
        }
    }
}

impl Deref for Transaction {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }
}

impl Reader {
    /// The one of two texts that this database takes.
    pub(crate) const fn either(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self.connection {
            Connection::Sqlite(_) => sqlite,
            Connection::Postgres(_) => postgres,
        }
    }

    /// Asks the database for nothing, to see that it answers.
    ///
    /// # Errors
    ///
    /// [`Error::Database`] if it does not.
    pub async fn check(&mut self) -> Result<(), Error> {
        const SQL: &str = "select 1";
        on!(self, connection => sqlx::query(SQL).execute(connection).await.map(drop))?;
        Ok(())
    }
}

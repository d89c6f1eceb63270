//! Opens the database, and gives out connections: several that read, and an orderly way to write.

use std::{path::PathBuf, str::FromStr, time::Duration};

use futures::future::BoxFuture;
use sqlx::{
    PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::mpsc;

use crate::{
    Error, Reader, Transaction,
    connection::Connection,
    migration,
    writer::{self, Job},
};

/// Readers of a SQLite file at one time: its reads take microseconds, so few are enough.
const SQLITE_READERS: u32 = 4;
/// Connections to PostgreSQL, below its default of 100 with room for several servers.
const POSTGRES_CONNECTIONS: u32 = 16;
/// Writes that wait for the writer before callers are held back.
const WAITING_WRITES: usize = 1_024;
/// How long a caller waits for a connection, and a connection for a lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which database to use.
pub enum StoreConfig {
    /// A SQLite file, created where it is missing.
    Sqlite {
        /// The file; its folder must exist.
        path: PathBuf,
    },
    /// A PostgreSQL database.
    Postgres {
        /// Its address, `postgres://user:password@host/database`.
        url: String,
    },
}

/// The database. A cheap handle.
#[derive(Clone)]
pub struct Store {
    database: Database,
}

#[derive(Clone)]
enum Database {
    Sqlite { readers: SqlitePool, writer: SqlitePool, jobs: mpsc::Sender<Job> },
    Postgres(PgPool),
}

impl Store {
    /// Opens the database and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// [`Error::NewerSchema`] if a newer release has migrated it, [`Error::Migration`] if it cannot be
    /// migrated, [`Error::Database`] if it cannot be opened.
    pub async fn open(config: &StoreConfig) -> Result<Self, Error> {
        let database = match config {
            StoreConfig::Sqlite { path } => Self::open_sqlite(path.clone()).await?,
            StoreConfig::Postgres { url } => Self::open_postgres(url).await?,
        };
        Ok(Self { database })
    }

    async fn open_sqlite(path: PathBuf) -> Result<Database, Error> {
        let options = SqliteConnectOptions::new().filename(path).foreign_keys(true).busy_timeout(PATIENCE);
        // What was acknowledged is on disk: in WAL mode only `full` syncs at each commit.
        let writing = options
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(PATIENCE)
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
        };
        let writer = pool(1).connect_with(writing).await?;
        migration::migrate_sqlite(&writer).await?;
        let readers = pool(SQLITE_READERS).connect_with(options.pragma("query_only", "on")).await?;
        let (jobs, waiting) = mpsc::channel(WAITING_WRITES);
        writer::start(writer.clone(), waiting).map_err(sqlx::Error::from)?;
        Ok(Database::Sqlite { readers, writer, jobs })
    }

    async fn open_postgres(url: &str) -> Result<Database, Error> {
        let options = PgConnectOptions::from_str(url)?.application_name("dormouse");
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .connect_with(options)
            .await?;
        migration::migrate_postgres(&pool).await?;
        Ok(Database::Postgres(pool))
    }

    /// A connection to read with. Give it back soon: there are few.
    ///
    /// # Errors
    ///
    /// [`Error::Database`] if none is free within 5 s or the database cannot be reached.
    pub async fn read(&self) -> Result<Reader, Error> {
        let connection = match &self.database {
            Database::Sqlite { readers, .. } => Connection::Sqlite(readers.acquire().await?),
            Database::Postgres(pool) => Connection::Postgres(pool.acquire().await?),
        };
        Ok(Reader { connection })
    }

    /// Runs `work` in a transaction and stores what it changed, whole, before this returns; if `work`
    /// fails, nothing of it is stored. `work` must await nothing but the transaction: others wait for it.
    ///
    /// Once `work` is handed over it runs to its end, also if this future is dropped.
    ///
    /// # Errors
    ///
    /// What `work` answers; [`Error::Commit`] if the commit failed, [`Error::Abandoned`] if `work`
    /// panicked or the store is closed, [`Error::Database`] if the database cannot be reached.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Transaction) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let (job, result) = writer::job(work);
        match &self.database {
            Database::Sqlite { jobs, .. } => jobs.send(job).await.map_err(|_| Error::Abandoned)?,
            Database::Postgres(pool) => drop(tokio::spawn(writer::run_alone(pool.clone(), job))),
        }
        result.await.map_err(|_| Error::Abandoned)?
    }

    /// Lets the writes under way end, then closes all connections. Later reads and writes fail.
    pub async fn close(&self) {
        match &self.database {
            Database::Sqlite { readers, writer, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Database::Postgres(pool) => pool.close().await,
        }
    }
}

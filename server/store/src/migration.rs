//! Brings a database up to this release's schema, and refuses one that a newer release has changed.

use sqlx::{
    PgPool, SqlitePool,
    migrate::{MigrateError, Migrator},
};

use crate::Error;

static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");

/// Applies the migrations that `pool`'s database lacks.
pub(crate) async fn migrate_sqlite(pool: &SqlitePool) -> Result<(), Error> {
    SQLITE.run(pool).await.map_err(|error| explain(error, &SQLITE))
}

/// Applies the migrations that `pool`'s database lacks. Servers that start together take turns.
pub(crate) async fn migrate_postgres(pool: &PgPool) -> Result<(), Error> {
    POSTGRES.run(pool).await.map_err(|error| explain(error, &POSTGRES))
}

fn explain(error: MigrateError, migrator: &Migrator) -> Error {
    let known = migrator.iter().map(|migration| migration.version).max().unwrap_or(0);
    match error {
        MigrateError::VersionMissing(found) if found > known => Error::NewerSchema { found, known },
        other => Error::Migration(other),
    }
}

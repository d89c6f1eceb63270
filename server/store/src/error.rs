//! What can go wrong with stored things.

use std::{io, path::PathBuf, sync::Arc};

use domain::{Digest, key_value::KeyValueQuota};

/// Any error below this one, as a source.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why something could not be read or stored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database could not be reached, or refused or failed a statement.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The write ran, but its commit failed: nothing of it is stored.
    #[error("the database failed to commit")]
    Commit(#[source] Arc<sqlx::Error>),
    /// The write ended without a result, because it panicked or the store was closed.
    #[error("the write was abandoned")]
    Abandoned,
    /// The schema could not be brought up to date.
    #[error("the database schema could not be migrated")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// A newer release has migrated this database; this one would not understand it.
    #[error(
        "the database has schema {found}, made by a newer release; this one knows up to {known}: run the newer release, or restore a backup from before it"
    )]
    NewerSchema {
        /// The newest migration that was applied.
        found: i64,
        /// The newest migration of this release.
        known: i64,
    },
    /// There is already one of that name or secret.
    #[error("there is already one of that name")]
    Duplicate,
    /// The project would keep more by key than it may; nothing of it is stored.
    #[error("the project keeps at most {} bytes under {} keys", .0.bytes, .0.keys)]
    OverQuota(KeyValueQuota),
    /// A value to be kept by key is longer than allowed; nothing of it is stored.
    #[error("a value kept by key has at most {max_bytes} bytes")]
    ValueTooLarge {
        /// The limit.
        max_bytes: usize,
    },
    /// What is kept by key cannot be added to: it is no whole number, or the sum does not fit 64 bits.
    #[error("the kept value is no whole number, or the sum does not fit 64 bits")]
    NotANumber,
    /// A stored value that no release of the platform would have written.
    #[error("the stored value of {table}.{column} breaks its invariant")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What is wrong with the value.
        source: Cause,
    },
    /// The blob store could not be reached, or refused or failed an operation.
    #[error("the blob store failed")]
    Blob(#[from] object_store::Error),
    /// The address of the blob store is not one.
    #[error("the blob store's address {url:?} is not of the form s3://bucket/prefix")]
    BlobAddress {
        /// What was given.
        url: String,
    },
    /// Another process uses this folder.
    #[error("the folder {} is in use by another process", folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// A local file could not be read or written.
    #[error("the file {} could not be used", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The stream that was to be stored is longer than allowed; nothing of it is stored.
    #[error("the stream has more than {max_bytes} bytes")]
    TooLarge {
        /// The limit.
        max_bytes: u64,
    },
    /// The stream that was to be stored failed or ended early; nothing of it is stored.
    #[error("the stream broke off")]
    Interrupted(#[source] Cause),
    /// The stream is not the one that was announced; nothing of it is stored.
    #[error("the stream has another digest than announced")]
    DigestMismatch {
        /// The digest of what came.
        found: Digest,
    },
}

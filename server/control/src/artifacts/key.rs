//! The key that artifacts are sealed with.
//!
//! It is a file of its own in the data folder, readable by the server only, and not a row of the
//! database: whoever can write to the database or to the blob store cannot make the server run code.
//! Servers that share a blob store share this file; without it, artifacts are made again.

use std::path::PathBuf;

use runtime::MacKey;

use crate::{Error, key_file};

const NAME: &str = "artifact.key";

/// Reads the key, or stores `fresh` as the key of a new installation.
pub(super) async fn open(data_dir: PathBuf, fresh: [u8; 32]) -> Result<MacKey, Error> {
    let opened = tokio::task::spawn_blocking(move || key_file::read_or_make(&data_dir, NAME, fresh)).await;
    opened
        .map_err(Error::internal("reading artifact.key"))?
        .map(MacKey::new)
        .map_err(Error::internal("reading artifact.key in the data folder"))
}

//! The key that artifacts are sealed with.
//!
//! It is a file of its own in the data folder, readable by the server only, and not a row of the
//! database: whoever can write to the database or to the blob store cannot make the server run code.
//! Servers that share a blob store share this file; without it, artifacts are made again.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use runtime::MacKey;

use crate::Error;

const NAME: &str = "artifact.key";

/// Reads the key, or stores `fresh` as the key of a new installation.
pub(super) async fn open(data_dir: PathBuf, fresh: [u8; 32]) -> Result<MacKey, Error> {
    let opened = tokio::task::spawn_blocking(move || read_or_make(&data_dir, fresh)).await;
    opened
        .map_err(Error::internal("reading artifact.key"))?
        .map(MacKey::new)
        .map_err(Error::internal("reading artifact.key in the data folder"))
}

fn read_or_make(data_dir: &Path, fresh: [u8; 32]) -> io::Result<[u8; 32]> {
    let path = data_dir.join(NAME);
    match fs::read(&path) {
        Ok(bytes) => bytes.try_into().map_err(|_| {
            io::Error::new(io::ErrorKind::InvalidData, "it has not 32 bytes; remove it, and artifacts are made again")
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let draft = data_dir.join(format!("{NAME}.draft"));
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
            file.write_all(&fresh)?;
            file.sync_all()?;
            fs::rename(&draft, &path)?;
            fs::File::open(data_dir)?.sync_all()?;
            Ok(fresh)
        }
        Err(error) => Err(error),
    }
}

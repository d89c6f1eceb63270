//! Keys of this installation, each a file of its own in the data folder that only the server can read.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

/// Reads the key in the file `name`, or stores `fresh` there as the key of a new installation.
///
/// # Errors
///
/// That of the file; [`io::ErrorKind::InvalidData`] where it has not 32 bytes.
pub(crate) fn read_or_make(data_dir: &Path, name: &str, fresh: [u8; 32]) -> io::Result<[u8; 32]> {
    let path = data_dir.join(name);
    match fs::read(&path) {
        Ok(bytes) => bytes.try_into().map_err(|_| {
            io::Error::new(io::ErrorKind::InvalidData, format!("{name} has not 32 bytes; put the right file back"))
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let draft = data_dir.join(format!("{name}.draft"));
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

//! The seal on artifacts: HMAC-SHA256 over the whole file, since loading one runs its native code.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::Path,
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The secret under which this installation seals its artifacts.
#[derive(Clone)]
pub struct MacKey([u8; 32]);

impl MacKey {
    /// Wraps 32 secret random bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Computes the MAC of the file at `path`.
    ///
    /// # Errors
    ///
    /// The file cannot be opened or read.
    pub(crate) fn seal(&self, path: &Path) -> io::Result<[u8; 32]> {
        Ok(self.over(path)?.finalize().into_bytes().into())
    }

    /// Whether the file at `path` carries `mac`; compared in constant time.
    ///
    /// # Errors
    ///
    /// The file cannot be opened or read.
    pub(crate) fn verifies(&self, path: &Path, mac: &[u8; 32]) -> io::Result<bool> {
        Ok(self.over(path)?.verify_slice(mac).is_ok())
    }

    fn over(&self, path: &Path) -> io::Result<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).map_err(io::Error::other)?;
        let mut file = File::open(path)?;
        let mut chunk = vec![0; 64 << 10];
        loop {
            let read = file.read(&mut chunk)?;
            match chunk.get(..read) {
                Some([]) | None => return Ok(mac),
                Some(bytes) => mac.update(bytes),
            }
        }
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(..)")
    }
}

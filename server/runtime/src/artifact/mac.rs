//! The seal on artifacts: HMAC-SHA256 over the name and the whole file, since loading one runs its native code.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::Path,
    sync::Arc,
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The secret under which this installation seals its artifacts, and the name of what it is to seal.
#[derive(Clone)]
pub struct MacKey {
    secret: [u8; 32],
    name: Arc<str>,
}

impl MacKey {
    /// Wraps 32 secret random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self { secret: bytes, name: Arc::default() }
    }

    /// The same secret for the artifact called `name`: what is sealed so verifies under no other name.
    #[must_use]
    pub fn named(&self, name: &str) -> Self {
        Self { secret: self.secret, name: name.into() }
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

    /// Puts the MAC of `bytes` in front of them.
    #[must_use]
    pub fn wrap(&self, bytes: &[u8]) -> Vec<u8> {
        [&self.seal_parts(&[bytes]), bytes].concat()
    }

    /// The bytes that [`Self::wrap`] wrapped under this name; `None` for any others.
    #[must_use]
    pub fn unwrapped<'b>(&self, wrapped: &'b [u8]) -> Option<&'b [u8]> {
        let (mac, bytes) = wrapped.split_first_chunk()?;
        self.verifies_parts(&[bytes], mac).then_some(bytes)
    }

    /// A key of its own for what is kept under `name`.
    pub(crate) fn derive(&self, name: &str) -> Self {
        Self::new(self.named(name).over_parts(&[]).finalize().into_bytes().into())
    }

    /// The key as hexadecimal digits, for this installation's own workers.
    pub(crate) fn to_hex(&self) -> String {
        hex::encode(self.secret)
    }

    /// Computes the MAC of `parts`, all of which but the last have one length whenever this key is used.
    pub(crate) fn seal_parts(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.over_parts(parts).finalize().into_bytes().into()
    }

    /// Whether `parts` carry `mac`; compared in constant time.
    pub(crate) fn verifies_parts(&self, parts: &[&[u8]], mac: &[u8; 32]) -> bool {
        self.over_parts(parts).verify_slice(mac).is_ok()
    }

    fn over_parts(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        // A key shorter than a block is filled up with zeros (RFC 2104).
        let mut block = [0; 64];
        block.iter_mut().zip(self.secret).for_each(|(byte, own)| *byte = own);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(&(self.name.len() as u64).to_le_bytes());
        mac.update(self.name.as_bytes());
        parts.iter().for_each(|part| mac.update(part));
        mac
    }

    fn over(&self, path: &Path) -> io::Result<Hmac<Sha256>> {
        let mut mac = self.over_parts(&[]);
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

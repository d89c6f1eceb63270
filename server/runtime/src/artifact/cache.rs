//! The cache of compiled functions: what one component has in common with another is compiled once.
//!
//! An entry is machine code, so it is sealed as artifacts are, under a key that is derived from theirs, and
//! with the name it is found under: one that is damaged, moved or made elsewhere is a miss. Only workers add
//! entries; the parent removes the oldest.

use std::{
    borrow::Cow,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::SystemTime,
};

use wasmtime::CacheStore;

use super::{mac::MacKey, protocol::CacheRequest};

/// What a file takes on disk at the least.
const BLOCK_BYTES: u64 = 4 << 10;
const MAC_BYTES: usize = 32;

/// The cache as one worker sees it.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    key: MacKey,
    /// What may still be added, in bytes on disk.
    left_bytes: AtomicU64,
}

impl Cache {
    /// Opens the cache; `None` if the key is none.
    pub(super) fn open(request: &CacheRequest) -> Option<Self> {
        let mut key = [0; MAC_BYTES];
        hex::decode_to_slice(&request.key, &mut key).ok()?;
        let left_bytes = AtomicU64::new(request.most_bytes);
        Some(Self { folder: request.folder.clone(), key: MacKey::new(key), left_bytes })
    }

    fn read(&self, key: &[u8]) -> io::Result<Option<Vec<u8>>> {
        let mut file = File::open(place(&self.folder, key))?;
        let mut mac = [0; MAC_BYTES];
        file.read_exact(&mut mac)?;
        let mut value = Vec::new();
        file.read_to_end(&mut value)?;
        Ok(self.key.verifies_parts(&[key, &value], &mac).then_some(value))
    }

    fn write(&self, key: &[u8], value: &[u8]) -> io::Result<()> {
        let path = place(&self.folder, key);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let partial = path.with_extension("partial");
        let mut file = File::create(&partial)?;
        file.write_all(&self.key.seal_parts(&[key, value]))?;
        file.write_all(value)?;
        fs::rename(&partial, &path)
    }

    /// Takes room for `bytes`; false where there is none left.
    fn take(&self, bytes: u64) -> bool {
        self.left_bytes.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(bytes)).is_ok()
    }
}

impl CacheStore for Cache {
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
        // An entry that cannot be read is made again.
        self.read(key).ok().flatten().map(Cow::Owned)
    }

    fn insert(&self, key: &[u8], value: Vec<u8>) -> bool {
        self.take(on_disk((MAC_BYTES + value.len()) as u64)) && self.write(key, &value).is_ok()
    }
}

/// Removes the oldest entries until those that stay take `most_bytes` on disk at most.
///
/// # Errors
///
/// The folder cannot be read, or an entry not removed.
pub(super) fn trim(folder: &Path, most_bytes: u64) -> io::Result<()> {
    let mut entries = Vec::new();
    for shelf in fs::read_dir(folder)? {
        for entry in fs::read_dir(shelf?.path())? {
            let entry = entry?;
            let about = entry.metadata()?;
            entries.push((about.modified()?, on_disk(about.len()), entry.path()));
        }
    }
    entries.sort_unstable_by_key(|(modified, ..): &(SystemTime, _, _)| std::cmp::Reverse(*modified));
    let mut kept_bytes = 0;
    for (_, bytes, path) in entries {
        kept_bytes += bytes;
        if kept_bytes > most_bytes {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn on_disk(bytes: u64) -> u64 {
    bytes.next_multiple_of(BLOCK_BYTES)
}

/// Where the entry of `key` lies: on one of 256 shelves.
fn place(folder: &Path, key: &[u8]) -> PathBuf {
    let name = hex::encode(key);
    match name.split_at_checked(2) {
        Some((shelf, entry)) if !entry.is_empty() => folder.join(shelf).join(entry),
        _ => folder.join("short").join(name),
    }
}

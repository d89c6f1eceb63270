//! The machine's clock, its randomness, its heap and files, and the lock on the data folder.

use std::{
    fs::{File, TryLockError},
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::Context as _;
use domain::{Clock, Entropy, Timestamp};
use rand::Rng as _;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The machine's time of day.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the one clock that all others are made from")]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
    }
}

/// A generator that is seeded by the operating system, one for each thread.
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[allow(clippy::disallowed_methods, reason = "this is the one source that all others are made from")]
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// Has the allocator give back to the system what nobody has used for a second, also where the thread that let go of it
/// sleeps.
pub(crate) fn give_memory_back() {
    if let Err(error) = tikv_jemalloc_ctl::background_thread::write(true) {
        tracing::warn!(%error, "memory that is free goes back to the system only while there is work");
    }
}

/// Lets the process open as many files and connections as the machine allows it; many start with 1,024.
pub(crate) fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!(%error, now = limit.current, "the limit on open files cannot be raised");
    }
}

/// Files and connections that the process may have open.
pub(crate) fn open_files() -> usize {
    getrlimit(Resource::Nofile).current.and_then(|limit| limit.try_into().ok()).unwrap_or(usize::MAX)
}

/// Keeps the heap from holding on to memory that was large once.
///
/// The GNU library raises the size from which blocks are mapped by themselves with each such block that is
/// freed, up to 32 MiB, and then keeps twice as much free memory in each of its heaps for good. With both
/// figures set they stay.
pub(crate) fn keep_heaps_small() {
    #[cfg(target_env = "gnu")]
    {
        const MAPPED_BYTES: libc::c_int = 1 << 20;
        const KEPT_BYTES: libc::c_int = 8 << 20;
        #[allow(unsafe_code, reason = "the standard library has no way to say it")]
        // SAFETY: sets two figures of the allocator, under its own lock.
        let set = unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED_BYTES) == 1
                && libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT_BYTES) == 1
        };
        if !set {
            tracing::warn!("the heap's thresholds cannot be set");
        }
    }
}

/// Makes the data folder, for its owner only, and locks it for as long as the file lives.
///
/// # Errors
///
/// If the folder cannot be made, or another server holds it.
pub(crate) fn lock_data_dir(folder: &Path) -> anyhow::Result<File> {
    use std::os::unix::fs::DirBuilderExt as _;
    let shown = folder.display();
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("cannot make the data folder {shown}; choose another with --data-dir"))?;
    let path = folder.join("lock");
    let file = File::create(&path).with_context(|| format!("cannot write into the data folder {shown}"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => anyhow::bail!(
            "another server runs on the data folder {shown}; stop it, or choose another folder with --data-dir"
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
    }
}

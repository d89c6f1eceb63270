//! What the use cases are told at start.

use std::path::PathBuf;

use crate::Addresses;

/// What the use cases are told at start.
#[derive(Clone, Debug)]
pub struct ControlConfig {
    /// The folder for what belongs to this server alone: the key that artifacts are signed with, and
    /// the place where they are built.
    pub data_dir: PathBuf,
    /// Where functions answer.
    pub addresses: Addresses,
    /// The largest component in bytes. Default 50 MB (50,000,000).
    pub upload_max_bytes: u64,
    /// Invocations of one project that run at once. Default 200.
    pub project_concurrency: u32,
    /// Bytes of artifacts that are loaded at once; beyond them, the functions that were called least lately are
    /// let go of. Default 512 MiB.
    pub loaded_bytes: u64,
}

impl ControlConfig {
    /// The defaults, with what has none.
    #[must_use]
    pub const fn new(data_dir: PathBuf, addresses: Addresses) -> Self {
        let (upload_max_bytes, loaded_bytes) = (50_000_000, 512 << 20);
        Self { data_dir, addresses, upload_max_bytes, project_concurrency: 200, loaded_bytes }
    }
}

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
}

impl ControlConfig {
    /// The defaults, with what has none.
    #[must_use]
    pub const fn new(data_dir: PathBuf, addresses: Addresses) -> Self {
        Self { data_dir, addresses, upload_max_bytes: 50_000_000, project_concurrency: 200 }
    }
}

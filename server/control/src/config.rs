//! What the use cases are told at start.

use std::{path::PathBuf, time::Duration};

use domain::key_value::KeyValueQuota;
use secrecy::SecretSlice;

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
    /// WebSockets that are open at once. Default 50,000.
    pub max_connections: usize,
    /// Those of them that one project may have. Default 25,000.
    pub project_connections: usize,
    /// Bytes of artifacts that are loaded at once; beyond them, the functions that were called least lately are
    /// let go of. Default 512 MiB.
    pub loaded_bytes: u64,
    /// How long a busy time is over when the memory that instances had then is given back; never where absent. Default
    /// 30 s.
    pub shrink_after: Option<Duration>,
    /// The 32 bytes that secrets are sealed under; absent, a file in the data folder holds them.
    pub secret_key: Option<SecretSlice<u8>>,
    /// The most that a project's functions keep by key. Default 100 MiB under 100,000 keys.
    pub key_value_quota: KeyValueQuota,
}

impl ControlConfig {
    /// The defaults, with what has none.
    #[must_use]
    pub fn new(data_dir: PathBuf, addresses: Addresses) -> Self {
        let (upload_max_bytes, loaded_bytes) = (50_000_000, 512 << 20);
        Self {
            data_dir,
            addresses,
            upload_max_bytes,
            project_concurrency: 200,
            max_connections: 50_000,
            project_connections: 25_000,
            loaded_bytes,
            shrink_after: Some(Duration::from_secs(30)),
            secret_key: None,
            key_value_quota: KeyValueQuota::default(),
        }
    }
}

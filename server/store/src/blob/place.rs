//! Where blobs are: a local folder, or an S3 bucket with a local folder for copies.

use std::{
    env,
    ffi::OsString,
    fmt,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use object_store::{
    ObjectStore,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    local::LocalFileSystem,
    prefix::PrefixStore,
};
use url::Url;

use crate::Error;

/// Where to keep blobs.
#[derive(Clone, PartialEq, Eq)]
pub enum BlobConfig {
    /// In a local folder, created where it is missing.
    Local {
        /// The folder.
        folder: PathBuf,
    },
    /// In a bucket that speaks S3. A lifecycle rule of the bucket should end multipart uploads that were
    /// left incomplete.
    S3 {
        /// The bucket and the prefix of all keys: `s3://bucket/prefix`.
        url: String,
        /// The local folder for copies, created where it is missing.
        cache: PathBuf,
        /// Region, endpoint and credentials as the standard variables name them, such as `AWS_REGION`.
        variables: Vec<(String, String)>,
    },
}

impl BlobConfig {
    /// A bucket that is reached with the `AWS_*` variables of this process's environment.
    #[must_use]
    pub fn s3_from_environment(url: String, cache: PathBuf) -> Self {
        let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        let variables = env::vars_os().filter_map(text).filter(|(name, _)| name.starts_with("AWS_")).collect();
        Self::S3 { url, cache, variables }
    }
}

// Credentials stay out of logs.
impl fmt::Debug for BlobConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local { folder } => f.debug_struct("Local").field("folder", folder).finish(),
            Self::S3 { url, cache, .. } => f.debug_struct("S3").field("url", url).field("cache", cache).finish(),
        }
    }
}

/// An opened place.
pub(super) struct Place {
    /// The blobs.
    pub(super) store: Arc<dyn ObjectStore>,
    /// The local folder: of the blobs, or of copies where they are remote.
    pub(super) root: PathBuf,
    /// Whether the blobs are elsewhere.
    pub(super) remote: bool,
    /// Held as long as the place is open; the system gives it back when the process ends.
    _lock: File,
}

impl Place {
    pub(super) async fn open(config: &BlobConfig) -> Result<Self, Error> {
        let (root, remote) = match config {
            BlobConfig::Local { folder } => (folder.clone(), None),
            BlobConfig::S3 { url, cache, variables } => (cache.clone(), Some(bucket(url, variables)?)),
        };
        let failed = |source| Error::File { path: root.clone(), source };
        let (root, lock) = tokio::task::spawn_blocking({
            let root = root.clone();
            move || take(&root)
        })
        .await
        .map_err(|error| failed(io::Error::other(error)))?
        .map_err(failed)?;
        let lock = lock.ok_or_else(|| Error::InUse { folder: root.clone() })?;
        let (store, remote): (Arc<dyn ObjectStore>, bool) = match remote {
            Some(store) => (store, true),
            None => (Arc::new(LocalFileSystem::new_with_prefix(&root)?.with_fsync(true)), false),
        };
        Ok(Self { store, root, remote, _lock: lock })
    }

    /// The local folder for files that are being written.
    pub(super) fn work(&self) -> PathBuf {
        self.root.join(WORK)
    }
}

/// The subfolder for files that are being written; emptied at each start.
const WORK: &str = "work";

/// Makes the folder, locks it for this process, and empties its work folder. No lock if another process has it.
fn take(root: &Path) -> io::Result<(PathBuf, Option<File>)> {
    fs::create_dir_all(root)?;
    let root = root.canonicalize()?;
    let lock = File::options().create(true).truncate(false).write(true).open(root.join("lock"))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok((root, None)),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    match fs::remove_dir_all(root.join(WORK)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => fs::create_dir(root.join(WORK))?,
    }
    Ok((root, Some(lock)))
}

fn bucket(address: &str, variables: &[(String, String)]) -> Result<Arc<dyn ObjectStore>, Error> {
    let malformed = || Error::BlobAddress { url: address.to_owned() };
    let url = Url::parse(address).map_err(|_| malformed())?;
    if url.scheme() != "s3" {
        return Err(malformed());
    }
    let bucket = url.host_str().filter(|host| !host.is_empty()).ok_or_else(malformed)?;
    // The HTTP client takes the process's provider of TLS; if one was chosen already, that one stays.
    rustls::crypto::ring::default_provider().install_default().ok();
    // Blobs are deleted one by one; not every provider offers to delete many at once.
    let mut builder = AmazonS3Builder::new().with_bucket_name(bucket).with_disable_bulk_delete(true);
    for (name, value) in variables {
        // The `AWS_*` variables are shared with other programs: those that mean nothing here are passed over.
        if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
            builder = builder.with_config(key, value);
        }
    }
    let store = builder.build()?;
    Ok(Arc::new(PrefixStore::new(store, url.path().trim_matches('/'))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_addressed_by_scheme_name_and_prefix() {
        for bad in ["", "bucket", "https://bucket/x", "s3://", "s3:///x"] {
            assert!(matches!(bucket(bad, &[]), Err(Error::BlobAddress { .. })), "{bad}");
        }
        assert!(bucket("s3://bucket/some/prefix", &[]).is_ok());
        assert!(bucket("s3://bucket", &[]).is_ok());
    }
}

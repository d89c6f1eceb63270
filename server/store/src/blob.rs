//! Components and artifacts: bytes under a key, in a local folder or an S3 bucket.
//!
//! A blob is there whole or not at all: it is written aside, synced, and then renamed to its key. What a
//! killed process left aside is removed when the store is opened again. Knows nothing of what the bytes mean.

mod place;
mod upload;

use std::{path::PathBuf, sync::Arc};

use bytes::Bytes;
use domain::{Digest, Ids};
use futures::{Stream, StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{ObjectStoreExt, path::Path};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use self::{place::Place, upload::Upload};
use crate::{Error, error::Cause};

pub use place::BlobConfig;

/// How much of a file is read at one time.
const CHUNK_BYTES: usize = 256 << 10;

/// The blob store. A cheap handle.
#[derive(Clone)]
pub struct Blobs {
    place: Arc<Place>,
    ids: Ids,
}

/// A stream that is stored now, under its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredBlob {
    /// Its SHA-256.
    pub digest: Digest,
    /// Its length.
    pub bytes: u64,
}

/// A blob on its way out.
pub struct BlobReader {
    /// Its length.
    pub bytes: u64,
    /// Its bytes.
    pub stream: BoxStream<'static, Result<Bytes, Error>>,
}

impl Blobs {
    /// Opens the store, takes its local folder for this process, and removes what a killed one left half done.
    ///
    /// # Errors
    ///
    /// [`Error::InUse`] if another process holds the folder, [`Error::File`] if it cannot be used,
    /// [`Error::BlobAddress`] and [`Error::Blob`] for a bucket.
    pub async fn open(config: &BlobConfig, ids: Ids) -> Result<Self, Error> {
        let place = Arc::new(Place::open(config).await?);
        upload::remove_abandoned(&place, ids.now()).await?;
        Ok(Self { place, ids })
    }

    /// Stores `stream` as `<folder>/<its SHA-256>`, unless it is longer than `max_bytes` or has another
    /// digest than `expected`. Nothing is stored before the whole stream has come, and it takes two parts
    /// of 5 MiB of memory at most.
    ///
    /// Dropping the future leaves nothing behind.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`], [`Error::DigestMismatch`], [`Error::Interrupted`] if the stream fails,
    /// [`Error::Blob`] if the store does.
    #[tracing::instrument(name = "store.blob.put_stream", skip_all)]
    pub async fn put_stream<S, E>(
        &self,
        folder: &str,
        stream: S,
        max_bytes: u64,
        expected: Option<&Digest>,
    ) -> Result<StoredBlob, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Cause>,
    {
        let mut upload = Upload::begin(&self.place, &self.ids).await?;
        match Self::receive(&mut upload, stream, max_bytes, expected).await {
            Ok(stored) => {
                upload.publish(key(&format!("{folder}/{}", stored.digest))?).await?;
                Ok(stored)
            }
            Err(error) => {
                upload.abandon().await;
                Err(error)
            }
        }
    }

    async fn receive<S, E>(
        upload: &mut Upload,
        stream: S,
        max_bytes: u64,
        expected: Option<&Digest>,
    ) -> Result<StoredBlob, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Cause>,
    {
        let mut stream = std::pin::pin!(stream);
        let mut hash = Sha256::new();
        let mut bytes = 0_u64;
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| Error::Interrupted(error.into()))?;
            bytes += chunk.len() as u64;
            if bytes > max_bytes {
                return Err(Error::TooLarge { max_bytes });
            }
            hash.update(&chunk);
            upload.write(&chunk).await?;
        }
        let digest = Digest::from_bytes(hash.finalize().into());
        match expected {
            Some(expected) if *expected != digest => Err(Error::DigestMismatch { found: digest }),
            _ => Ok(StoredBlob { digest, bytes }),
        }
    }

    /// Stores `bytes` under `name`, in the place of what was there.
    ///
    /// # Errors
    ///
    /// [`Error::Blob`].
    #[tracing::instrument(name = "store.blob.put", skip_all, fields(blob.key = name))]
    pub async fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let key = key(name)?;
        let mut upload = Upload::begin(&self.place, &self.ids).await?;
        upload.write(bytes).await?;
        upload.publish(key).await
    }

    /// Stores the content of a local file under `name`, in the place of what was there.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if it cannot be read, [`Error::Blob`] if it cannot be stored.
    #[tracing::instrument(name = "store.blob.put_file", skip_all, fields(blob.key = name))]
    pub async fn put_file(&self, name: &str, path: &std::path::Path) -> Result<(), Error> {
        let key = key(name)?;
        let unreadable = |source| Error::File { path: path.to_owned(), source };
        let mut file = tokio::fs::File::open(path).await.map_err(unreadable)?;
        let mut upload = Upload::begin(&self.place, &self.ids).await?;
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        while file.read_buf(&mut chunk).await.map_err(unreadable)? > 0 {
            upload.write(&chunk).await?;
            chunk.clear();
        }
        upload.publish(key).await
    }

    /// The blob under `name` as a stream; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Blob`].
    #[tracing::instrument(name = "store.blob.get_stream", skip_all, fields(blob.key = name))]
    pub async fn get_stream(&self, name: &str) -> Result<Option<BlobReader>, Error> {
        let Some(found) = present(self.place.store.get(&key(name)?).await)? else { return Ok(None) };
        Ok(Some(BlobReader { bytes: found.meta.size, stream: found.into_stream().map_err(Error::from).boxed() }))
    }

    /// The whole blob under `name`, for short ones; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Blob`].
    #[tracing::instrument(name = "store.blob.get", skip_all, fields(blob.key = name))]
    pub async fn get(&self, name: &str) -> Result<Option<Bytes>, Error> {
        match present(self.place.store.get(&key(name)?).await)? {
            Some(found) => Ok(Some(found.bytes().await?)),
            None => Ok(None),
        }
    }

    /// Whether there is a blob under `name`.
    ///
    /// # Errors
    ///
    /// [`Error::Blob`].
    #[tracing::instrument(name = "store.blob.exists", skip_all, fields(blob.key = name))]
    pub async fn exists(&self, name: &str) -> Result<bool, Error> {
        Ok(present(self.place.store.head(&key(name)?).await)?.is_some())
    }

    /// Removes the blob under `name`, if there is one, and its local copy.
    ///
    /// # Errors
    ///
    /// [`Error::Blob`].
    #[tracing::instrument(name = "store.blob.delete", skip_all, fields(blob.key = name))]
    pub async fn delete(&self, name: &str) -> Result<(), Error> {
        present(self.place.store.delete(&key(name)?).await)?;
        if self.place.remote {
            // The copy only saves a download; without it, all is well.
            tokio::fs::remove_file(self.place.root.join(name)).await.ok();
        }
        Ok(())
    }

    /// A local file with the content of the blob under `name`; `None` if there is none. Not to be changed.
    ///
    /// Of a bucket's blob a copy is kept in the local folder, from where it may be removed at any time.
    ///
    /// # Errors
    ///
    /// [`Error::Blob`], [`Error::File`] if the copy cannot be written.
    #[tracing::instrument(name = "store.blob.local_path", skip_all, fields(blob.key = name))]
    pub async fn local_path(&self, name: &str) -> Result<Option<PathBuf>, Error> {
        let path = self.place.root.join(key(name)?.as_ref());
        let there = tokio::fs::try_exists(&path).await;
        if there.map_err(|source| Error::File { path: path.clone(), source })? {
            return Ok(Some(path));
        }
        if !self.place.remote {
            return Ok(None);
        }
        let Some(blob) = self.get_stream(name).await? else { return Ok(None) };
        self.keep_copy(blob, &path).await?;
        Ok(Some(path))
    }

    /// Writes a local copy: aside first, so that a copy that is there is whole.
    async fn keep_copy(&self, mut blob: BlobReader, path: &std::path::Path) -> Result<(), Error> {
        let aside = self.scratch();
        let failed = |source| Error::File { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            tokio::fs::create_dir_all(folder).await.map_err(failed)?;
        }
        let mut file = tokio::fs::File::create(&aside).await.map_err(failed)?;
        while let Some(chunk) = blob.stream.try_next().await? {
            file.write_all(&chunk).await.map_err(failed)?;
        }
        file.sync_all().await.map_err(failed)?;
        tokio::fs::rename(&aside, path).await.map_err(failed)
    }

    /// The path of a local file that does not exist yet, to write something that is stored with
    /// [`Self::put_file`] afterwards. What is left there is removed when the store is opened again.
    #[must_use]
    pub fn scratch(&self) -> PathBuf {
        self.place.work().join(hex::encode(self.ids.random::<16>()))
    }
}

fn key(name: &str) -> Result<Path, Error> {
    Path::parse(name).map_err(|error| Error::Blob(error.into()))
}

/// Turns "not found" into `None`.
fn present<T>(result: object_store::Result<T>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

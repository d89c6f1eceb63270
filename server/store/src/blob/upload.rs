//! One blob on its way in: written aside under a random name, then renamed to its key, or forgotten.

use std::sync::Arc;

use domain::{Ids, Timestamp};
use futures::TryStreamExt;
use object_store::{ObjectStoreExt, WriteMultipart, path::Path};

use super::place::Place;
use crate::Error;

/// The folder of blobs on their way in.
const ASIDE: &str = "uploads";
/// The parts that may wait to be written while the next one fills.
const WAITING_PARTS: usize = 1;
/// How old another server's upload to the same bucket must be to count as left by a killed one: a day.
const ABANDONED_AFTER_S: i64 = 86_400;

/// A blob on its way in. Dropped before [`Self::publish`], it leaves nothing behind.
pub(super) struct Upload {
    place: Arc<Place>,
    aside: Path,
    writer: Option<WriteMultipart>,
}

impl Upload {
    pub(super) async fn begin(place: &Arc<Place>, ids: &Ids) -> Result<Self, Error> {
        let aside = Path::from_iter([ASIDE, &hex::encode(ids.random::<16>())]);
        let writer = WriteMultipart::new(place.store.put_multipart(&aside).await?);
        Ok(Self { place: Arc::clone(place), aside, writer: Some(writer) })
    }

    /// Adds `bytes`; waits while earlier ones are still being written.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if let Some(writer) = &mut self.writer {
            writer.wait_for_capacity(WAITING_PARTS).await?;
            writer.write(bytes);
        }
        Ok(())
    }

    /// Syncs what was written and gives it its key. Runs to its end even if this future is dropped.
    pub(super) async fn publish(mut self, key: Path) -> Result<(), Error> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let (place, aside) = (Arc::clone(&self.place), self.aside.clone());
        let task = tokio::spawn(async move {
            writer.finish().await?;
            let renamed = place.store.rename(&aside, &key).await;
            if renamed.is_err() {
                // The first error says what went wrong; what stays aside is removed at the next start.
                place.store.delete(&aside).await.ok();
            }
            renamed
        });
        Ok(task.await.map_err(object_store::Error::from)??)
    }

    /// Forgets what was written.
    pub(super) async fn abandon(mut self) {
        if let Some(writer) = self.writer.take() {
            forget(writer, &self.aside).await;
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let (Some(writer), Ok(runtime)) = (self.writer.take(), tokio::runtime::Handle::try_current()) {
            let aside = self.aside.clone();
            runtime.spawn(async move { forget(writer, &aside).await });
        }
    }
}

async fn forget(writer: WriteMultipart, aside: &Path) {
    if let Err(error) = writer.abort().await {
        tracing::warn!(%error, blob.key = %aside, "an upload could not be removed; it is at the next start");
    }
}

/// Removes what killed processes left on its way in.
pub(super) async fn remove_abandoned(place: &Place, now: Timestamp) -> Result<(), Error> {
    if !place.remote {
        // The folder is this process's alone, so all of it was left.
        let folder = place.root.join(ASIDE);
        return match tokio::fs::remove_dir_all(&folder).await {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(Error::File { path: folder, source }),
            _ => Ok(()),
        };
    }
    let oldest = now.plus_seconds(-ABANDONED_AFTER_S).as_us();
    let mut uploads = place.store.list(Some(&Path::from(ASIDE)));
    while let Some(upload) = uploads.try_next().await? {
        if upload.last_modified.timestamp_micros() < oldest {
            place.store.delete(&upload.location).await?;
        }
    }
    Ok(())
}

//! Blobs: there whole or not at all.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use domain::Digest;
use futures::{StreamExt, TryStreamExt, stream};
use store::{BlobConfig, Blobs, Error};
use tempfile::TempDir;

use super::stage::ids;

const MAX_BYTES: u64 = 1_000_000;

async fn open(folder: &Path) -> Result<Blobs, Error> {
    Blobs::open(&BlobConfig::Local { folder: folder.to_owned() }, ids()).await
}

async fn opened() -> (TempDir, Blobs) {
    let folder = tempfile::tempdir().unwrap();
    let blobs = open(folder.path()).await.unwrap();
    (folder, blobs)
}

fn chunks(text: &'static [u8]) -> impl stream::Stream<Item = Result<Bytes, Infallible>> + Send {
    stream::iter(text.chunks(7).map(|chunk| Ok(Bytes::from_static(chunk))))
}

/// All files below `folder` but the lock, with their sizes.
fn files(folder: &Path) -> BTreeMap<PathBuf, u64> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let entry = entry.unwrap();
            let (path, meta) = match entry.metadata() {
                Ok(meta) => (entry.path(), meta),
                // Removed since it was listed, so it is not there.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => panic!("{}: {error}", entry.path().display()),
            };
            if meta.is_dir() {
                folders.push(path);
            } else if path != folder.join("lock") {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), meta.len());
            }
        }
    }
    found
}

#[tokio::test]
async fn a_stream_is_stored_under_its_digest_and_reads_back() {
    let (folder, blobs) = opened().await;
    let text = b"a component, in chunks of seven bytes";
    let stored = blobs.put_stream("components", chunks(text), MAX_BYTES, None).await.unwrap();
    assert_eq!((stored.digest, stored.bytes), (Digest::of(text), text.len() as u64));
    let key = format!("components/{}", stored.digest);
    assert_eq!(files(folder.path()), [(PathBuf::from(&key), stored.bytes)].into());
    let reader = blobs.get_stream(&key).await.unwrap().unwrap();
    let parts: Vec<_> = reader.stream.try_collect().await.unwrap();
    assert_eq!((parts.concat(), reader.bytes), (text.to_vec(), stored.bytes));
    let path = blobs.local_path(&key).await.unwrap().unwrap();
    assert_eq!(fs::read(path).unwrap(), text);
}

#[tokio::test]
async fn the_same_stream_twice_is_stored_once() {
    let (folder, blobs) = opened().await;
    for _ in 0..2 {
        blobs.put_stream("components", chunks(b"twice"), MAX_BYTES, Some(&Digest::of(b"twice"))).await.unwrap();
    }
    assert_eq!(files(folder.path()).len(), 1);
}

#[tokio::test]
async fn an_empty_and_a_long_stream_are_stored_too() {
    let (_folder, blobs) = opened().await;
    let empty = blobs.put_stream("components", chunks(b""), 0, None).await.unwrap();
    assert_eq!((empty.digest, empty.bytes), (Digest::of(b""), 0));
    let chunk = Bytes::from(vec![7; 100_000]);
    let long = stream::iter((0..200).map(|_| Ok::<_, Infallible>(chunk.clone())));
    let stored = blobs.put_stream("components", long, 20_000_000, None).await.unwrap();
    assert_eq!((stored.digest, stored.bytes), (Digest::of(&vec![7; 20_000_000]), 20_000_000));
    let back = blobs.get(&format!("components/{}", stored.digest)).await.unwrap().unwrap();
    assert_eq!(Digest::of(&back), stored.digest);
}

#[tokio::test]
async fn a_stream_that_is_too_long_leaves_nothing() {
    let (folder, blobs) = opened().await;
    let refused = blobs.put_stream("components", chunks(b"eight ch"), 7, None).await;
    assert!(matches!(refused, Err(Error::TooLarge { max_bytes: 7 })));
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn a_stream_that_breaks_off_leaves_nothing() {
    let (folder, blobs) = opened().await;
    let broken = stream::iter([Ok(Bytes::from_static(b"half of it")), Err(io::Error::other("connection reset"))]);
    let refused = blobs.put_stream("components", broken, MAX_BYTES, None).await;
    assert!(matches!(refused, Err(Error::Interrupted(_))));
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn a_stream_of_another_digest_leaves_nothing() {
    let (folder, blobs) = opened().await;
    let announced = Digest::of(b"what was announced");
    let refused = blobs.put_stream("components", chunks(b"what came"), MAX_BYTES, Some(&announced)).await;
    assert!(matches!(refused, Err(Error::DigestMismatch { found }) if found == Digest::of(b"what came")));
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn an_upload_whose_caller_goes_away_leaves_nothing() {
    let (folder, blobs) = opened().await;
    let endless = chunks(b"the beginning").chain(stream::pending());
    let mut upload = Box::pin(blobs.put_stream("components", endless, MAX_BYTES, None));
    while files(folder.path()).is_empty() {
        assert!(futures::poll!(&mut upload).is_pending());
        tokio::task::yield_now().await;
    }
    drop(upload);
    while !files(folder.path()).is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_a_killed_process_left_half_done_is_removed_at_the_next_start() {
    let (folder, blobs) = opened().await;
    blobs.put("artifacts/kept", b"kept").await.unwrap();
    drop(blobs);
    for left in ["uploads/0123#1", "uploads/4567", "work/89ab"] {
        let path = folder.path().join(left);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "half").unwrap();
    }
    let blobs = open(folder.path()).await.unwrap();
    assert_eq!(files(folder.path()), [("artifacts/kept".into(), 4)].into());
    assert_eq!(blobs.get("artifacts/kept").await.unwrap().as_deref(), Some(b"kept".as_slice()));
}

#[tokio::test]
async fn a_folder_belongs_to_one_process_at_a_time() {
    let (folder, blobs) = opened().await;
    assert!(matches!(open(folder.path()).await, Err(Error::InUse { .. })));
    drop(blobs);
    open(folder.path()).await.unwrap();
}

#[tokio::test]
async fn a_file_is_stored_from_scratch_and_can_be_replaced_and_deleted() {
    let (_folder, blobs) = opened().await;
    for content in ["first", "second, and longer"] {
        let scratch = blobs.scratch();
        fs::write(&scratch, content).unwrap();
        blobs.put_file("artifacts/a", &scratch).await.unwrap();
        assert_eq!(blobs.get("artifacts/a").await.unwrap().unwrap(), content);
    }
    assert!(blobs.exists("artifacts/a").await.unwrap());
    blobs.delete("artifacts/a").await.unwrap();
    blobs.delete("artifacts/a").await.unwrap();
    assert!(!blobs.exists("artifacts/a").await.unwrap());
    assert!(blobs.get_stream("artifacts/a").await.unwrap().is_none());
    assert!(blobs.local_path("artifacts/a").await.unwrap().is_none());
}

#[tokio::test]
async fn a_key_cannot_leave_the_folder() {
    let (_folder, blobs) = opened().await;
    for key in ["../secret", "a/../../secret", "a//b", ""] {
        assert!(blobs.put(key, b"x").await.is_err(), "{key:?}");
    }
}

//! The cache of compiled functions: it changes no artifact, is trusted only where it is whole, and stays small.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use runtime::{
    MacKey,
    artifact::{CacheBounds, Compiler, WorkerBounds},
};

use super::stage::{self, mac_key};

/// A compiler that keeps functions in `folder`, `most_bytes` at most.
fn keeping(folder: &Path, most_bytes: u64) -> Compiler {
    let cache = Some(CacheBounds { folder: folder.to_owned(), most_bytes });
    stage::compiler_within(WorkerBounds { cache, ..WorkerBounds::default() })
}

/// The artifact that `compiler` makes of a guest, sealed with `key`.
async fn artifact(compiler: &Compiler, key: &MacKey) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("artifact");
    compiler.prepare(&harness::guest_path("hello3"), &path, key, &|_| ()).await.unwrap();
    fs::read(path).unwrap()
}

/// All entries below `folder`.
fn entries(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let shelves = fs::read_dir(folder).unwrap().map(|shelf| shelf.unwrap().path());
    let files = shelves.flat_map(|shelf| fs::read_dir(shelf).unwrap().map(|entry| entry.unwrap().path()));
    files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Whether at least four in five entries are now what they were.
fn repaired(then: &BTreeMap<PathBuf, Vec<u8>>, now: &BTreeMap<PathBuf, Vec<u8>>) -> bool {
    let same = then.iter().filter(|(path, entry)| now.get(*path) == Some(entry)).count();
    same * 5 >= then.len() * 4
}

const AMPLE: u64 = 1 << 30;

#[tokio::test]
async fn a_component_is_compiled_from_the_cache_to_the_same_artifact() {
    let folder = tempfile::tempdir().unwrap();
    let without = artifact(&stage::compiler(), &mac_key()).await;
    let compiler = keeping(folder.path(), AMPLE);
    assert!(artifact(&compiler, &mac_key()).await == without, "the first fills the cache");
    let kept = entries(folder.path());
    assert!(kept.len() > 100, "{} functions", kept.len());
    assert!(artifact(&compiler, &mac_key()).await == without, "the second is made from it");
    // The names of some functions depend on the order in which the compiler meets their parts.
    let added = entries(folder.path()).len() - kept.len();
    assert!(added * 5 < kept.len(), "and adds {added} to {}", kept.len());
}

#[tokio::test]
async fn a_damaged_entry_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let compiler = keeping(folder.path(), AMPLE);
    let whole = artifact(&compiler, &mac_key()).await;
    let kept = entries(folder.path());
    for (nth, (path, entry)) in kept.iter().enumerate() {
        let mut damaged = entry.clone();
        let bit = (nth * 7_919) % (entry.len() * 8);
        damaged[bit / 8] ^= 1 << (bit % 8);
        fs::write(path, damaged).unwrap();
    }
    assert!(artifact(&compiler, &mac_key()).await == whole);
    assert!(repaired(&kept, &entries(folder.path())), "what was asked for again is as it was");
}

#[tokio::test]
async fn an_entry_counts_only_under_its_own_name_and_its_own_installations_key() {
    let folder = tempfile::tempdir().unwrap();
    let compiler = keeping(folder.path(), AMPLE);
    let whole = artifact(&compiler, &mac_key()).await;
    let kept = entries(folder.path());
    let names: Vec<_> = kept.keys().collect();
    for (name, (_, entry)) in names.iter().zip(kept.iter().skip(1)) {
        fs::write(name, entry).unwrap();
    }
    assert!(artifact(&compiler, &mac_key()).await == whole);
    assert!(repaired(&kept, &entries(folder.path())), "entries that had changed places are made again");
    assert!(artifact(&compiler, &MacKey::new([8; 32])).await == whole);
    assert!(!repaired(&kept, &entries(folder.path())), "those of another installation are overwritten");
}

#[tokio::test]
async fn the_cache_keeps_to_its_size() {
    const BLOCK_BYTES: u64 = 4 << 10;
    let folder = tempfile::tempdir().unwrap();
    let large = artifact(&keeping(folder.path(), AMPLE), &mac_key()).await;
    let before = entries(folder.path()).len();
    let most_bytes = 50 * BLOCK_BYTES;
    assert!(artifact(&keeping(folder.path(), most_bytes), &mac_key()).await == large);
    let on_disk = |entry: &Vec<u8>| (entry.len() as u64).next_multiple_of(BLOCK_BYTES);
    let kept = entries(folder.path());
    assert!(kept.values().map(on_disk).sum::<u64>() <= most_bytes);
    assert!(!kept.is_empty() && kept.len() < before);
}

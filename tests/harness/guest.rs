//! The example guests, as `make guests` builds them.

use std::path::{Path, PathBuf};

use bytes::Bytes;

/// The root of the repository.
#[must_use]
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the repository")
}

/// Where the guest `name` lies.
///
/// # Panics
///
/// If it was not built.
#[must_use]
pub fn guest_path(name: &str) -> PathBuf {
    let file = format!("guests/target/wasm32-wasip2/release/{}.wasm", name.replace('-', "_"));
    let path = repository().join(file);
    assert!(path.is_file(), "{} is missing: run `make guests` first", path.display());
    path
}

/// The component of the guest `name`.
///
/// # Panics
///
/// If it was not built.
#[must_use]
pub fn guest(name: &str) -> Bytes {
    let path = guest_path(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display())).into()
}

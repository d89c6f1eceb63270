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
    try_guest_path(name).unwrap_or_else(|| panic!("the guest {name} is missing: run `make guests components` first"))
}

/// Where the guest `name` lies, if it was built: one in Rust, or one in another language such as `hello-javascript`.
#[must_use]
pub fn try_guest_path(name: &str) -> Option<PathBuf> {
    let library = format!("guests/target/wasm32-wasip2/release/{}.wasm", name.replace('-', "_"));
    let program = format!("guests/target/wasm32-wasip2/release/{name}.wasm");
    let in_another = format!("guests/target/components/{name}.wasm");
    [library, program, in_another].map(|file| repository().join(file)).into_iter().find(|path| path.is_file())
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

/// The component of the guest `name`, or why this machine could not build it.
///
/// # Errors
///
/// The reason that `guests/build-others.sh` left.
///
/// # Panics
///
/// If nobody tried to build it.
pub fn try_guest(name: &str) -> Result<Bytes, String> {
    let reason = repository().join(format!("guests/target/components/{name}.skipped"));
    match std::fs::read_to_string(reason) {
        Ok(reason) => Err(reason.trim().to_owned()),
        Err(_) => Ok(guest(name)),
    }
}

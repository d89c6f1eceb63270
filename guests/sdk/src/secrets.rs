//! Secrets: read when an event comes, by names that the version's `secrets` lists.

mod bindings {
    wit_bindgen::generate!({ path: "../../wit/secrets", world: "reading" });
}

use bindings::dormouse::secrets::store;
pub use bindings::dormouse::secrets::store::Error;

/// The value of the secret `name`.
///
/// # Errors
///
/// [`Error::Undeclared`] when the version's `secrets` does not list it, [`Error::Missing`] when the project has none.
pub fn get(name: &str) -> Result<Vec<u8>, Error> {
    store::get(name).map(|secret| store::reveal(&secret))
}

/// The value of the secret `name` as text; bytes that are none are replaced.
///
/// # Errors
///
/// As for [`get`].
pub fn text(name: &str) -> Result<String, Error> {
    get(name).map(|value| String::from_utf8_lossy(&value).into_owned())
}

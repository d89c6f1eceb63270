//! Values by key, which outlive the instance: counters, caches, what several functions share.
//!
//! A bucket is opened by a name that the version's `key_value` lists. What is kept is on disk when a call returns, and
//! what one instance has kept the next one reads.

mod bindings {
    wit_bindgen::generate!({
        path: "../../wit/platform/deps/wasi-keyvalue-0.2.0-draft2.wit",
        world: "imports",
        generate_all,
    });
}

use bindings::wasi::keyvalue::{atomics, batch, store};
pub use bindings::wasi::keyvalue::{atomics::CasError, store::Error};
use serde::{Serialize, de::DeserializeOwned};

/// A collection of values by key.
pub struct Bucket(store::Bucket);

/// Opens the bucket `name`.
///
/// # Errors
///
/// [`Error::AccessDenied`] when the version's `key_value` does not list it.
pub fn open(name: &str) -> Result<Bucket, Error> {
    store::open(name).map(Bucket)
}

impl Bucket {
    /// What is kept under `key`.
    ///
    /// # Errors
    ///
    /// [`Error::Other`] when the key is out of bounds or the store cannot be reached; so with every call here.
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.0.get(key)
    }

    /// Keeps `value`, of at most 1 MiB, under `key`, of at most 512 bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Other`], also when the project keeps as much as it may.
    pub fn set(&self, key: &str, value: &[u8]) -> Result<(), Error> {
        self.0.set(key, value)
    }

    /// Forgets `key`.
    ///
    /// # Errors
    ///
    /// [`Error::Other`].
    pub fn delete(&self, key: &str) -> Result<(), Error> {
        self.0.delete(key)
    }

    /// Whether something is kept under `key`.
    ///
    /// # Errors
    ///
    /// [`Error::Other`].
    pub fn exists(&self, key: &str) -> Result<bool, Error> {
        self.0.exists(key)
    }

    /// All keys, in their order.
    ///
    /// # Errors
    ///
    /// [`Error::Other`].
    pub fn keys(&self) -> Result<Vec<String>, Error> {
        let (mut keys, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.0.list_keys(cursor.as_deref())?;
            keys.extend(page.keys);
            cursor = page.cursor;
            if cursor.is_none() {
                return Ok(keys);
            }
        }
    }

    /// What is kept under each of at most 100 `keys`, in their order.
    ///
    /// # Errors
    ///
    /// [`Error::Other`].
    pub fn get_many(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        Ok(batch::get_many(&self.0, keys)?.into_iter().map(|(_, value)| value).collect())
    }

    /// Keeps at most 100 `values`, all or none.
    ///
    /// # Errors
    ///
    /// [`Error::Other`].
    pub fn set_many(&self, values: &[(String, Vec<u8>)]) -> Result<(), Error> {
        batch::set_many(&self.0, values)
    }

    /// Adds `by` to the counter under `key`, which begins at 0, and gives the sum. No two additions are lost in each
    /// other.
    ///
    /// # Errors
    ///
    /// [`Error::Other`], also when something else than a whole number is there.
    pub fn increment(&self, key: &str, by: i64) -> Result<i64, Error> {
        atomics::increment(&self.0, key, by)
    }

    /// The counter under `key`.
    ///
    /// # Errors
    ///
    /// As for [`Self::increment`], which this is with 0 added where there is a counter.
    pub fn counter(&self, key: &str) -> Result<i64, Error> {
        match self.exists(key)? {
            true => self.increment(key, 0),
            false => Ok(0),
        }
    }

    /// Changes what is under `key` into what `change` makes of it, from the latest value there is: `change` is called
    /// again when another one was quicker. Gives what it made.
    ///
    /// # Errors
    ///
    /// [`Error::Other`].
    pub fn update(&self, key: &str, change: impl Fn(Option<Vec<u8>>) -> Vec<u8>) -> Result<Vec<u8>, Error> {
        let mut seen = atomics::Cas::new(&self.0, key)?;
        loop {
            let value = change(seen.current()?);
            match atomics::swap(seen, &value) {
                Ok(()) => return Ok(value),
                Err(CasError::StoreError(error)) => return Err(error),
                Err(CasError::CasFailed(newer)) => seen = newer,
            }
        }
    }

    /// Reads what is kept under `key` as JSON.
    ///
    /// # Errors
    ///
    /// [`Error::Other`], also when it is no JSON or not of this shape.
    pub fn get_json<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        let read = |value: Vec<u8>| serde_json::from_slice(&value).map_err(|error| Error::Other(error.to_string()));
        self.get(key)?.map(read).transpose()
    }

    /// Keeps `value` as JSON.
    ///
    /// # Errors
    ///
    /// As for [`Self::set`].
    pub fn set_json<T: Serialize>(&self, key: &str, value: &T) -> Result<(), Error> {
        let value = serde_json::to_vec(value).map_err(|error| Error::Other(error.to_string()))?;
        self.set(key, &value)
    }
}

//! What guests may ask of the platform, as the runtime needs it: its maker knows whose version it is for.
//!
//! Whether a version has declared what it asks for, and whether that is within bounds, is checked before.

mod connections;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use domain::{BucketName, FunctionName, QueueName, SecretName, key_value::Key};

pub use self::connections::{ConnectionError, Connections, Reach, SocketInfo};
use crate::{Failure, Payload};

/// All that the guests of one version may ask for.
pub trait Host: KeyValue + Producer + Invoker + Secrets + Connections {}

impl<T: KeyValue + Producer + Invoker + Secrets + Connections> Host for T {}

/// What is kept under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The bytes.
    pub value: Vec<u8>,
    /// Another number after each change.
    pub revision: i64,
}

/// Why a value could not be read or kept; guests are told the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyValueError {
    /// Something else than a whole number is there, or the sum does not fit.
    #[error("what is there is no whole number, or the sum does not fit 64 bits")]
    NotANumber,
    /// The project keeps as much as it may.
    #[error("the project keeps as much by key as it may; delete what is not needed")]
    OverQuota,
    /// It cannot be done now; whether a change was made is not known.
    #[error("the key-value store cannot be reached now; try again")]
    Unavailable,
}

/// The buckets of the project.
#[async_trait]
pub trait KeyValue: Send + Sync {
    /// What is kept under `key`.
    async fn find(&self, bucket: &BucketName, key: &Key) -> Result<Option<Kept>, KeyValueError>;

    /// What is kept under each of `keys`, in their order.
    async fn find_many(&self, bucket: &BucketName, keys: &[Key]) -> Result<Vec<Option<Kept>>, KeyValueError>;

    /// Whether something is kept under `key`.
    async fn exists(&self, bucket: &BucketName, key: &Key) -> Result<bool, KeyValueError>;

    /// Some of the bucket's keys behind `after`, and the one to go on behind where there are more.
    async fn list_keys(
        &self,
        bucket: &BucketName,
        after: Option<Key>,
    ) -> Result<(Vec<Key>, Option<Key>), KeyValueError>;

    /// Keeps `values`, all or none. When it returns, they are on disk; so it is with every change.
    async fn set(&self, bucket: &BucketName, values: BTreeMap<Key, Vec<u8>>) -> Result<(), KeyValueError>;

    /// Forgets `keys`.
    async fn delete(&self, bucket: &BucketName, keys: BTreeSet<Key>) -> Result<(), KeyValueError>;

    /// Adds `by` to the whole number under `key`, 0 where there is none, and gives the sum.
    async fn increment(&self, bucket: &BucketName, key: &Key, by: i64) -> Result<i64, KeyValueError>;

    /// Keeps `value` if the revision is the `expected` one, or nothing is there where that is `None`; whether it did.
    async fn swap(
        &self,
        bucket: &BucketName,
        key: &Key,
        expected: Option<i64>,
        value: Vec<u8>,
    ) -> Result<bool, KeyValueError>;
}

/// A message that a guest sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// The body.
    pub body: Vec<u8>,
    /// Its media type.
    pub content_type: String,
    /// What consumers are told besides.
    pub attributes: Vec<(String, String)>,
    /// The group whose order it keeps.
    pub group: Option<String>,
    /// What tells that it was sent before.
    pub deduplication_key: Option<String>,
    /// For how long nobody gets it, in milliseconds.
    pub delay_ms: u32,
}

/// Why nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProducerError {
    /// There is no such queue.
    Missing,
    /// A field is out of bounds; which, and the bound.
    Invalid(String),
    /// All of it is more than is sent at once.
    TooLarge,
    /// The queue holds, or the project sends, as much as it may.
    OverQuota,
    /// It cannot be done now; whether it was is not known.
    Unavailable,
}

/// The queues of the project.
#[async_trait]
pub trait Producer: Send + Sync {
    /// Sends `messages`, all or none, and gives their ids. When it returns, they are on disk.
    async fn send(&self, queue: &QueueName, messages: Vec<NewMessage>) -> Result<Vec<String>, ProducerError>;
}

/// Why a function gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvokerError {
    /// There is no live function of that name that can be called.
    Missing,
    /// It ran and failed.
    Failed(Failure),
    /// It cannot be run now.
    Unavailable,
    /// The payload or the answer is larger than may be.
    TooLarge,
}

/// The functions of the project.
#[async_trait]
pub trait Invoker: Send + Sync {
    /// Calls `function`, `depth` calls away from the event that began them all, and waits for its answer. Dropping the
    /// future ends the call.
    async fn invoke(&self, function: &FunctionName, payload: Payload, depth: u8) -> Result<Payload, InvokerError>;

    /// Has `function` called later and gives the call's id. When it returns, the call is on disk.
    async fn invoke_async(&self, function: &FunctionName, payload: Payload) -> Result<String, InvokerError>;
}

/// Why there is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretError {
    /// There is none that the deployment is bound to.
    Missing,
    /// It cannot be read now.
    Unavailable,
}

/// The secrets of the project.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The value of the secret `name`, in the version that the deployment is bound to.
    async fn secret(&self, name: &SecretName) -> Result<Vec<u8>, SecretError>;
}

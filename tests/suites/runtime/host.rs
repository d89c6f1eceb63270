//! A host that keeps everything in memory, for functions that run without a server.

#[path = "host/connections.rs"]
mod connections;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use connections::Sockets;
use domain::{BucketName, FunctionName, Ids, QueueName, SecretName, key_value::Key};
use runtime::{
    Call, Function, Invoker, InvokerError, Kept, KeyValue, KeyValueError, NewMessage, Payload, Producer, ProducerError,
    SecretError, Secrets,
};

/// Answers what guests ask for, and remembers it.
pub(crate) struct MemoryHost {
    ids: Ids,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    values: BTreeMap<(BucketName, Key), Kept>,
    revisions: i64,
    /// What was sent to each of the queues that there are.
    queues: BTreeMap<QueueName, Vec<NewMessage>>,
    functions: HashMap<FunctionName, Function>,
    later: Vec<(FunctionName, Payload)>,
    secrets: BTreeMap<SecretName, Vec<u8>>,
    sockets: Sockets,
}

impl MemoryHost {
    /// A host with nothing in it, whose calls have ids of `ids`.
    pub(crate) fn new(ids: Ids) -> Self {
        Self { ids, held: Mutex::default() }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a queue there.
    pub(crate) fn add_queue(&self, name: &str) {
        self.held().queues.entry(name.parse().unwrap()).or_default();
    }

    /// What was sent to a queue since this was asked last.
    pub(crate) fn take_sent(&self, queue: &str) -> Vec<NewMessage> {
        let queue: QueueName = queue.parse().unwrap();
        std::mem::take(self.held().queues.get_mut(&queue).unwrap())
    }

    /// Has a function there that others can call.
    pub(crate) fn add_function(&self, name: &str, function: Function) {
        self.held().functions.insert(name.parse().unwrap(), function);
    }

    /// The calls that nobody waits for.
    pub(crate) fn take_later(&self) -> Vec<(FunctionName, Payload)> {
        std::mem::take(&mut self.held().later)
    }

    /// Has a secret there.
    pub(crate) fn add_secret(&self, name: &str, value: &str) {
        self.held().secrets.insert(name.parse().unwrap(), value.as_bytes().to_vec());
    }

    /// What is kept under a key, as text.
    pub(crate) fn value(&self, bucket: &str, key: &str) -> Option<String> {
        let name = (bucket.parse().unwrap(), key.parse().unwrap());
        self.held().values.get(&name).map(|kept| String::from_utf8(kept.value.clone()).unwrap())
    }
}

impl Held {
    fn keep(&mut self, bucket: &BucketName, key: Key, value: Vec<u8>) {
        self.revisions += 1;
        self.values.insert((bucket.clone(), key), Kept { value, revision: self.revisions });
    }
}

#[async_trait]
impl KeyValue for MemoryHost {
    async fn find(&self, bucket: &BucketName, key: &Key) -> Result<Option<Kept>, KeyValueError> {
        Ok(self.held().values.get(&(bucket.clone(), key.clone())).cloned())
    }

    async fn find_many(&self, bucket: &BucketName, keys: &[Key]) -> Result<Vec<Option<Kept>>, KeyValueError> {
        let held = self.held();
        Ok(keys.iter().map(|key| held.values.get(&(bucket.clone(), key.clone())).cloned()).collect())
    }

    async fn exists(&self, bucket: &BucketName, key: &Key) -> Result<bool, KeyValueError> {
        Ok(self.held().values.contains_key(&(bucket.clone(), key.clone())))
    }

    async fn list_keys(
        &self,
        bucket: &BucketName,
        after: Option<Key>,
    ) -> Result<(Vec<Key>, Option<Key>), KeyValueError> {
        const KEYS: usize = 10;
        let held = self.held();
        let of_bucket = held.values.keys().filter(|(of, _)| of == bucket).map(|(_, key)| key);
        let mut keys: Vec<_> = of_bucket.filter(|key| Some(*key) > after.as_ref()).take(KEYS + 1).cloned().collect();
        let more = keys.len() > KEYS;
        keys.truncate(KEYS);
        let next = keys.last().filter(|_| more).cloned();
        Ok((keys, next))
    }

    async fn set(&self, bucket: &BucketName, values: BTreeMap<Key, Vec<u8>>) -> Result<(), KeyValueError> {
        let mut held = self.held();
        values.into_iter().for_each(|(key, value)| held.keep(bucket, key, value));
        Ok(())
    }

    async fn delete(&self, bucket: &BucketName, keys: BTreeSet<Key>) -> Result<(), KeyValueError> {
        let mut held = self.held();
        for key in keys {
            held.values.remove(&(bucket.clone(), key));
        }
        Ok(())
    }

    async fn increment(&self, bucket: &BucketName, key: &Key, by: i64) -> Result<i64, KeyValueError> {
        let mut held = self.held();
        let number = |kept: &Kept| std::str::from_utf8(&kept.value).ok()?.parse::<i64>().ok();
        let there = held.values.get(&(bucket.clone(), key.clone())).map_or(Some(0), number);
        let sum = there.and_then(|there| there.checked_add(by)).ok_or(KeyValueError::NotANumber)?;
        held.keep(bucket, key.clone(), sum.to_string().into_bytes());
        Ok(sum)
    }

    async fn swap(
        &self,
        bucket: &BucketName,
        key: &Key,
        expected: Option<i64>,
        value: Vec<u8>,
    ) -> Result<bool, KeyValueError> {
        let mut held = self.held();
        let there = held.values.get(&(bucket.clone(), key.clone())).map(|kept| kept.revision);
        if there == expected {
            held.keep(bucket, key.clone(), value);
        }
        Ok(there == expected)
    }
}

#[async_trait]
impl Producer for MemoryHost {
    async fn send(&self, queue: &QueueName, messages: Vec<NewMessage>) -> Result<Vec<String>, ProducerError> {
        let mut held = self.held();
        let sent = held.queues.get_mut(queue).ok_or(ProducerError::Missing)?;
        let first = sent.len();
        let ids = (first..first + messages.len()).map(|index| format!("msg_{index}")).collect();
        sent.extend(messages);
        Ok(ids)
    }
}

#[async_trait]
impl Invoker for MemoryHost {
    async fn invoke(&self, function: &FunctionName, payload: Payload, depth: u8) -> Result<Payload, InvokerError> {
        let found = self.held().functions.get(function).cloned().ok_or(InvokerError::Missing)?;
        let call = Call { id: self.ids.next(), on_end: Box::new(|_| ()) };
        match found.invoke_from(call, payload, depth).await {
            Ok(answer) => answer.map_err(InvokerError::Failed),
            Err(_) => Err(InvokerError::Unavailable),
        }
    }

    async fn invoke_async(&self, function: &FunctionName, payload: Payload) -> Result<String, InvokerError> {
        let mut held = self.held();
        if !held.functions.contains_key(function) {
            return Err(InvokerError::Missing);
        }
        held.later.push((function.clone(), payload));
        Ok(format!("inv_{}", held.later.len()))
    }
}

#[async_trait]
impl Secrets for MemoryHost {
    async fn secret(&self, name: &SecretName) -> Result<Vec<u8>, SecretError> {
        self.held().secrets.get(name).cloned().ok_or(SecretError::Missing)
    }
}

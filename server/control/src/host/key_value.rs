//! Values by key, in the store.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use domain::{BucketName, key_value::Key};
use runtime::{Kept, KeyValueError};
use store::{Bucket, Reader};

use super::{VersionHost, unavailable};

/// The keys of one answer.
const KEYS: u32 = 1_000;

impl VersionHost {
    fn bucket(&self, name: &BucketName) -> Bucket {
        Bucket { project_id: self.home.project.id, name: name.clone() }
    }

    /// The first revision of a key that is not there yet.
    fn fresh(&self) -> i64 {
        i64::from_le_bytes(self.shared.ids.random())
    }

    async fn reader(&self) -> Result<Reader, KeyValueError> {
        self.shared.store.read().await.map_err(refused)
    }
}

fn refused(error: store::Error) -> KeyValueError {
    match error {
        store::Error::NotANumber => KeyValueError::NotANumber,
        store::Error::OverQuota(_) => KeyValueError::OverQuota,
        error => unavailable(&error, "a value", KeyValueError::Unavailable),
    }
}

fn kept(value: store::Value) -> Kept {
    Kept { value: value.value, revision: value.revision }
}

#[async_trait]
impl runtime::KeyValue for VersionHost {
    async fn find(&self, bucket: &BucketName, key: &Key) -> Result<Option<Kept>, KeyValueError> {
        let found = self.reader().await?.find_value(&self.bucket(bucket), key).await;
        Ok(found.map_err(refused)?.map(kept))
    }

    async fn find_many(&self, bucket: &BucketName, keys: &[Key]) -> Result<Vec<Option<Kept>>, KeyValueError> {
        let found = self.reader().await?.find_values(&self.bucket(bucket), keys).await;
        Ok(found.map_err(refused)?.into_iter().map(|found| found.map(kept)).collect())
    }

    async fn exists(&self, bucket: &BucketName, key: &Key) -> Result<bool, KeyValueError> {
        self.reader().await?.has_value(&self.bucket(bucket), key).await.map_err(refused)
    }

    async fn list_keys(
        &self,
        bucket: &BucketName,
        after: Option<Key>,
    ) -> Result<(Vec<Key>, Option<Key>), KeyValueError> {
        let page = self.reader().await?.list_keys(&self.bucket(bucket), after.as_ref(), KEYS).await.map_err(refused)?;
        Ok((page.items, page.next))
    }

    async fn set(&self, bucket: &BucketName, values: BTreeMap<Key, Vec<u8>>) -> Result<(), KeyValueError> {
        let (bucket, fresh) = (self.bucket(bucket), self.fresh());
        let quota = self.shared.key_value_quota;
        let set = self.shared.store.write(move |transaction| {
            Box::pin(async move { transaction.set_values(&bucket, values, fresh, quota).await })
        });
        set.await.map_err(refused)
    }

    async fn delete(&self, bucket: &BucketName, keys: BTreeSet<Key>) -> Result<(), KeyValueError> {
        let bucket = self.bucket(bucket);
        let delete = self
            .shared
            .store
            .write(move |transaction| Box::pin(async move { transaction.delete_values(&bucket, keys).await }));
        delete.await.map(drop).map_err(refused)
    }

    async fn increment(&self, bucket: &BucketName, key: &Key, by: i64) -> Result<i64, KeyValueError> {
        let (bucket, key, fresh) = (self.bucket(bucket), key.clone(), self.fresh());
        let quota = self.shared.key_value_quota;
        let increment = self.shared.store.write(move |transaction| {
            Box::pin(async move { transaction.increment_value(&bucket, &key, by, fresh, quota).await })
        });
        increment.await.map_err(refused)
    }

    async fn swap(
        &self,
        bucket: &BucketName,
        key: &Key,
        expected: Option<i64>,
        value: Vec<u8>,
    ) -> Result<bool, KeyValueError> {
        let (bucket, key, fresh) = (self.bucket(bucket), key.clone(), self.fresh());
        let quota = self.shared.key_value_quota;
        let swap = self.shared.store.write(move |transaction| {
            Box::pin(async move { transaction.swap_value(&bucket, &key, expected, value, fresh, quota).await })
        });
        swap.await.map_err(refused)
    }
}

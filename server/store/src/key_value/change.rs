//! Changes of what guests keep by key.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    id::ProjectId,
    key_value::{Key, KeyValueQuota},
};

use super::{Bucket, KeyValueUsage, Value};
use crate::{Error, Transaction, connection::on};

impl Transaction {
    /// Keeps `values` in `bucket`, all or none. `fresh` is a random number: the first revision of keys that
    /// are not there yet.
    ///
    /// # Errors
    ///
    /// [`Error::ValueTooLarge`] above 1 MiB; [`Error::OverQuota`] if the project would keep more than `quota`.
    #[tracing::instrument(name = "store.key_value.set", skip_all, fields(project.id = %bucket.project_id))]
    pub async fn set_values(
        &mut self,
        bucket: &Bucket,
        values: BTreeMap<Key, Vec<u8>>,
        fresh: i64,
        quota: KeyValueQuota,
    ) -> Result<(), Error> {
        let mut delta = KeyValueUsage::default();
        for (key, value) in values {
            delta = sum(delta, self.change_value(bucket, &key, fresh, move |_| Ok(Some(value.clone()))).await?);
        }
        self.count_key_values(bucket.project_id, delta, quota).await
    }

    /// Forgets `keys` of `bucket`, and says how many of them were there.
    #[tracing::instrument(name = "store.key_value.delete", skip_all, fields(project.id = %bucket.project_id))]
    pub async fn delete_values(&mut self, bucket: &Bucket, keys: BTreeSet<Key>) -> Result<u64, Error> {
        const SQL: &str = "
            delete from key_value where project_id = $1 and bucket = $2 and key = $3
            returning cast(length(value) as bigint)";
        let (mut delta, mut deleted) = (KeyValueUsage::default(), 0);
        for key in keys {
            let bytes: Option<i64> = on!(self, connection => {
                sqlx::query_scalar(SQL)
                    .bind(bucket.project_id.to_string())
                    .bind(bucket.name.as_str())
                    .bind(key.as_str())
                    .fetch_optional(connection).await
            })?;
            if let Some(bytes) = bytes {
                delta = sum(delta, KeyValueUsage { bytes: -bytes - length(key.as_str().as_bytes()), keys: -1 });
                deleted += 1;
            }
        }
        self.count_key_values(bucket.project_id, delta, KeyValueQuota::default()).await?;
        Ok(deleted)
    }

    /// Adds `by` to the whole number that `bucket` keeps under `key` as decimal text, 0 where there is none,
    /// and returns the sum. `fresh` is as for [`Self::set_values`].
    ///
    /// # Errors
    ///
    /// [`Error::NotANumber`] if something else is kept there, or the sum does not fit 64 bits;
    /// [`Error::OverQuota`].
    #[tracing::instrument(name = "store.key_value.increment", skip_all, fields(project.id = %bucket.project_id))]
    pub async fn increment_value(
        &mut self,
        bucket: &Bucket,
        key: &Key,
        by: i64,
        fresh: i64,
        quota: KeyValueQuota,
    ) -> Result<i64, Error> {
        let mut sum = 0;
        let add = |there: Option<&Value>| {
            let number = there.map_or(Some(0), |there| std::str::from_utf8(&there.value).ok()?.parse::<i64>().ok());
            sum = number.and_then(|number| number.checked_add(by)).ok_or(Error::NotANumber)?;
            Ok(Some(sum.to_string().into_bytes()))
        };
        let delta = self.change_value(bucket, key, fresh, add).await?;
        self.count_key_values(bucket.project_id, delta, quota).await?;
        Ok(sum)
    }

    /// Keeps `value` under `key` if what is there is at the revision `expected`, or if nothing is there where
    /// that is `None`. `false` if it is not, and nothing changes. `fresh` is as for [`Self::set_values`].
    ///
    /// # Errors
    ///
    /// [`Error::ValueTooLarge`], [`Error::OverQuota`].
    #[tracing::instrument(name = "store.key_value.swap", skip_all, fields(project.id = %bucket.project_id))]
    pub async fn swap_value(
        &mut self,
        bucket: &Bucket,
        key: &Key,
        expected: Option<i64>,
        value: Vec<u8>,
        fresh: i64,
        quota: KeyValueQuota,
    ) -> Result<bool, Error> {
        let mut swapped = false;
        let swap = |there: Option<&Value>| {
            swapped = there.map(|there| there.revision) == expected;
            Ok(swapped.then(|| value.clone()))
        };
        let delta = self.change_value(bucket, key, fresh, swap).await?;
        self.count_key_values(bucket.project_id, delta, quota).await?;
        Ok(swapped)
    }

    /// Keeps what `decide` makes of what is there; nothing changes where it makes nothing. Returns what that
    /// adds to the project's usage.
    async fn change_value(
        &mut self,
        bucket: &Bucket,
        key: &Key,
        fresh: i64,
        mut decide: impl FnMut(Option<&Value>) -> Result<Option<Vec<u8>>, Error>,
    ) -> Result<KeyValueUsage, Error> {
        const INSERT: &str = "
            insert into key_value (project_id, bucket, key, value, revision) values ($1, $2, $3, $4, $5)
            on conflict do nothing";
        const UPDATE: &str = "
            update key_value set value = $4, revision = $5 where project_id = $1 and bucket = $2 and key = $3";
        loop {
            let there = self.lock_value(bucket, key).await?;
            let Some(value) = decide(there.as_ref())? else { return Ok(KeyValueUsage::default()) };
            if value.len() > KeyValueQuota::MAX_VALUE_BYTES {
                return Err(Error::ValueTooLarge { max_bytes: KeyValueQuota::MAX_VALUE_BYTES });
            }
            let bytes = length(&value);
            let (sql, revision, delta) = match &there {
                Some(there) => {
                    let delta = KeyValueUsage { bytes: bytes - length(&there.value), keys: 0 };
                    (UPDATE, there.revision.wrapping_add(1), delta)
                }
                None => (INSERT, fresh, KeyValueUsage { bytes: bytes + length(key.as_str().as_bytes()), keys: 1 }),
            };
            let rows = on!(self, connection => {
                sqlx::query(sql)
                    .bind(bucket.project_id.to_string())
                    .bind(bucket.name.as_str())
                    .bind(key.as_str())
                    .bind(value)
                    .bind(revision)
                    .execute(connection).await.map(|done| done.rows_affected())
            })?;
            // Someone else's key came between the look and the insert: it is committed now, so look again.
            if rows == 1 {
                return Ok(delta);
            }
        }
    }

    /// Adds `delta` to the project's counters. What shrinks is never over its quota.
    async fn count_key_values(
        &mut self,
        project: ProjectId,
        delta: KeyValueUsage,
        quota: KeyValueQuota,
    ) -> Result<(), Error> {
        const INSERT: &str = "
            insert into key_value_usage (project_id, bytes, keys) values ($1, 0, 0) on conflict do nothing";
        if delta == KeyValueUsage::default() {
            return Ok(());
        }
        if self.raise_key_values(project, delta, quota).await? {
            return Ok(());
        }
        // The project's first value: its counters are made by whoever comes first, and everybody else waits for them.
        on!(self, connection => sqlx::query(INSERT).bind(project.to_string()).execute(connection).await.map(drop))?;
        if self.raise_key_values(project, delta, quota).await? {
            return Ok(());
        }
        Err(Error::OverQuota(quota))
    }

    /// `false` if the project has no counters yet, or they would be over `quota`.
    async fn raise_key_values(
        &mut self,
        project: ProjectId,
        delta: KeyValueUsage,
        quota: KeyValueQuota,
    ) -> Result<bool, Error> {
        const SQL: &str = "
            update key_value_usage set bytes = bytes + $2, keys = keys + $3
            where project_id = $1 and ($2 <= 0 or bytes + $2 <= $4) and ($3 <= 0 or keys + $3 <= $5)";
        let most = |figure: u64| i64::try_from(figure).unwrap_or(i64::MAX);
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(project.to_string())
                .bind(delta.bytes)
                .bind(delta.keys)
                .bind(most(quota.bytes))
                .bind(most(quota.keys))
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }
}

fn length(bytes: &[u8]) -> i64 {
    i64::try_from(bytes.len()).unwrap_or(i64::MAX)
}

const fn sum(one: KeyValueUsage, other: KeyValueUsage) -> KeyValueUsage {
    KeyValueUsage { bytes: one.bytes + other.bytes, keys: one.keys + other.keys }
}

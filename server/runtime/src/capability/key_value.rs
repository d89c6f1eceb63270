//! Values by key: `wasi:keyvalue`.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    BucketName, Invalid,
    key_value::{Key, KeyValueQuota},
};
use wasmtime::component::Resource;

use super::declared;
use crate::{
    bindings::key_value::{
        atomics::{self, CasError},
        batch,
        store::{self, Error, KeyResponse},
    },
    bounds,
    host::{Kept, KeyValueError},
    state::Guest,
};

/// A bucket that a guest has opened.
#[allow(unreachable_pub, reason = "the generated bindings export it again")]
pub struct Bucket(BucketName);

/// A key as a guest saw it, to be changed if it has not been meanwhile.
#[allow(unreachable_pub, reason = "the generated bindings export it again")]
pub struct Cas {
    bucket: BucketName,
    key: Key,
    seen: Option<Kept>,
}

/// What a call gives, or why it does not.
type Answer<T> = wasmtime::Result<Result<T, Error>>;

impl From<KeyValueError> for Error {
    fn from(error: KeyValueError) -> Self {
        Self::Other(error.to_string())
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::Other(format!("the {} {}", invalid.field, invalid.message))
    }
}

/// Checks a value's size.
fn fitting(value: Vec<u8>) -> Result<Vec<u8>, Error> {
    const MOST: usize = KeyValueQuota::MAX_VALUE_BYTES;
    match value.len() {
        0..=MOST => Ok(value),
        bytes => Err(Error::Other(format!("the value has {bytes} bytes; a value has at most {MOST}"))),
    }
}

/// Checks how much is asked for at once.
fn at_once(entries: usize) -> Result<(), Error> {
    match entries {
        0..=bounds::BATCH => Ok(()),
        _ => Err(Error::Other(format!("the call has {entries} entries; a call has at most {}", bounds::BATCH))),
    }
}

fn keys<C: FromIterator<Key>>(keys: Vec<String>) -> Result<C, Error> {
    at_once(keys.len())?;
    Ok(keys.into_iter().map(Key::try_from).collect::<Result<C, _>>()?)
}

impl Guest {
    fn bucket(&self, bucket: &Resource<Bucket>) -> wasmtime::Result<BucketName> {
        Ok(self.resources.get(bucket)?.0.clone())
    }
}

impl store::Host for Guest {
    async fn open(&mut self, identifier: String) -> Answer<Resource<Bucket>> {
        let grants = self.grants()?;
        match declared(&grants.buckets, &identifier) {
            Some(name) => Ok(Ok(self.resources.push(Bucket(name.clone()))?)),
            None => {
                self.note(&format!("dormouse: the bucket {identifier:?} is not in the version's key_value"));
                Ok(Err(Error::AccessDenied))
            }
        }
    }
}

impl store::HostBucket for Guest {
    async fn get(&mut self, bucket: Resource<Bucket>, key: String) -> Answer<Option<Vec<u8>>> {
        let (grants, bucket) = (self.grants()?, self.bucket(&bucket)?);
        let get = async { Ok(grants.host.find(&bucket, &key.try_into()?).await?.map(|kept| kept.value)) };
        Ok(get.await)
    }

    async fn set(&mut self, bucket: Resource<Bucket>, key: String, value: Vec<u8>) -> Answer<()> {
        let (grants, bucket) = (self.grants()?, self.bucket(&bucket)?);
        let set = async {
            let values = BTreeMap::from([(key.try_into()?, fitting(value)?)]);
            Ok(grants.host.set(&bucket, values).await?)
        };
        Ok(set.await)
    }

    async fn delete(&mut self, bucket: Resource<Bucket>, key: String) -> Answer<()> {
        let (grants, bucket) = (self.grants()?, self.bucket(&bucket)?);
        let delete = async { Ok(grants.host.delete(&bucket, BTreeSet::from([key.try_into()?])).await?) };
        Ok(delete.await)
    }

    async fn exists(&mut self, bucket: Resource<Bucket>, key: String) -> Answer<bool> {
        let (grants, bucket) = (self.grants()?, self.bucket(&bucket)?);
        let exists = async { Ok(grants.host.exists(&bucket, &key.try_into()?).await?) };
        Ok(exists.await)
    }

    async fn list_keys(&mut self, bucket: Resource<Bucket>, cursor: Option<String>) -> Answer<KeyResponse> {
        let (grants, bucket) = (self.grants()?, self.bucket(&bucket)?);
        let list = async {
            let after = cursor.map(Key::try_from).transpose()?;
            let (keys, next) = grants.host.list_keys(&bucket, after).await?;
            let text = |key: Key| key.as_str().to_owned();
            Ok(KeyResponse { keys: keys.into_iter().map(text).collect(), cursor: next.map(text) })
        };
        Ok(list.await)
    }

    async fn drop(&mut self, bucket: Resource<Bucket>) -> wasmtime::Result<()> {
        self.resources.delete(bucket)?;
        Ok(())
    }
}

impl batch::Host for Guest {
    async fn get_many(
        &mut self,
        bucket: Resource<Bucket>,
        names: Vec<String>,
    ) -> Answer<Vec<(String, Option<Vec<u8>>)>> {
        let (grants, bucket) = (self.grants()?, self.bucket(&bucket)?);
        let get = async {
            let asked: Vec<Key> = keys(names.clone())?;
            let found = grants.host.find_many(&bucket, &asked).await?;
            Ok(names.into_iter().zip(found.into_iter().map(|found| found.map(|kept| kept.value))).collect())
        };
        Ok(get.await)
    }

    async fn set_many(&mut self, bucket: Resource<Bucket>, values: Vec<(String, Vec<u8>)>) -> Answer<()> {
        let (grants, bucket) = (self.grants()?, self.bucket(&bucket)?);
        let set = async {
            at_once(values.len())?;
            let value = |(key, value): (String, Vec<u8>)| Ok::<_, Error>((key.try_into()?, fitting(value)?));
            Ok(grants.host.set(&bucket, values.into_iter().map(value).collect::<Result<_, _>>()?).await?)
        };
        Ok(set.await)
    }

    async fn delete_many(&mut self, bucket: Resource<Bucket>, names: Vec<String>) -> Answer<()> {
        let (grants, bucket) = (self.grants()?, self.bucket(&bucket)?);
        let delete = async { Ok(grants.host.delete(&bucket, keys(names)?).await?) };
        Ok(delete.await)
    }
}

impl atomics::Host for Guest {
    async fn increment(&mut self, bucket: Resource<Bucket>, key: String, delta: i64) -> Answer<i64> {
        let (grants, bucket) = (self.grants()?, self.bucket(&bucket)?);
        let increment = async { Ok(grants.host.increment(&bucket, &key.try_into()?, delta).await?) };
        Ok(increment.await)
    }

    async fn swap(&mut self, cas: Resource<Cas>, value: Vec<u8>) -> wasmtime::Result<Result<(), CasError>> {
        let grants = self.grants()?;
        let Cas { bucket, key, seen } = self.resources.delete(cas)?;
        let swap = async {
            let expected = seen.as_ref().map(|kept| kept.revision);
            if grants.host.swap(&bucket, &key, expected, fitting(value)?).await? {
                return Ok(None);
            }
            Ok(Some(grants.host.find(&bucket, &key).await?))
        };
        Ok(match swap.await {
            Ok(None) => Ok(()),
            Ok(Some(seen)) => Err(CasError::CasFailed(self.resources.push(Cas { bucket, key, seen })?)),
            Err(error) => Err(CasError::StoreError(error)),
        })
    }
}

impl atomics::HostCas for Guest {
    async fn new(&mut self, bucket: Resource<Bucket>, key: String) -> Answer<Resource<Cas>> {
        let (grants, bucket) = (self.grants()?, self.bucket(&bucket)?);
        let look = async {
            let key = Key::try_from(key)?;
            let seen = grants.host.find(&bucket, &key).await?;
            Ok((key, seen))
        };
        match look.await {
            Ok((key, seen)) => Ok(Ok(self.resources.push(Cas { bucket, key, seen })?)),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn current(&mut self, cas: Resource<Cas>) -> Answer<Option<Vec<u8>>> {
        Ok(Ok(self.resources.get(&cas)?.seen.as_ref().map(|kept| kept.value.clone())))
    }

    async fn drop(&mut self, cas: Resource<Cas>) -> wasmtime::Result<()> {
        self.resources.delete(cas)?;
        Ok(())
    }
}

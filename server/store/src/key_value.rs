//! What guests keep by key: rows of `key_value`, counted in `key_value_usage`.
//!
//! A transaction takes at most one of the calls here that change something: each locks the keys it touches in
//! their order and the project's counters last, so that no two wait for each other.

mod change;

use domain::{BucketName, id::ProjectId, key_value::Key};

use crate::{
    Error, Page, Reader,
    column::column,
    connection::{Connection, on},
    page::one_more,
};

/// A bucket of a project. It needs no making: it is there as soon as it has a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bucket {
    /// The project.
    pub project_id: ProjectId,
    /// Its name.
    pub name: BucketName,
}

/// What is kept under a key.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Value {
    /// The bytes.
    pub value: Vec<u8>,
    /// Another number after each change; a key that went and came again starts at another one.
    pub revision: i64,
}

/// What a project keeps in all of its buckets together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct KeyValueUsage {
    /// Bytes of keys and values.
    pub bytes: i64,
    /// Keys.
    pub keys: i64,
}

impl Reader {
    /// What `bucket` keeps under `key`.
    #[tracing::instrument(name = "store.key_value.find", skip_all, fields(project.id = %bucket.project_id))]
    pub async fn find_value(&mut self, bucket: &Bucket, key: &Key) -> Result<Option<Value>, Error> {
        const SQL: &str = "
            select value, revision from key_value where project_id = $1 and bucket = $2 and key = $3";
        self.value_by(SQL, bucket, key).await
    }

    /// What `bucket` keeps under each of `keys`, in their order. Each is read by itself.
    #[tracing::instrument(name = "store.key_value.find_many", skip_all, fields(project.id = %bucket.project_id))]
    pub async fn find_values(&mut self, bucket: &Bucket, keys: &[Key]) -> Result<Vec<Option<Value>>, Error> {
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            values.push(self.find_value(bucket, key).await?);
        }
        Ok(values)
    }

    /// Whether `bucket` keeps something under `key`.
    #[tracing::instrument(name = "store.key_value.exists", skip_all, fields(project.id = %bucket.project_id))]
    pub async fn has_value(&mut self, bucket: &Bucket, key: &Key) -> Result<bool, Error> {
        const SQL: &str = "
            select revision from key_value where project_id = $1 and bucket = $2 and key = $3";
        let found: Option<i64> = on!(self, connection => {
            sqlx::query_scalar(SQL)
                .bind(bucket.project_id.to_string())
                .bind(bucket.name.as_str())
                .bind(key.as_str())
                .fetch_optional(connection).await
        })?;
        Ok(found.is_some())
    }

    /// The keys of `bucket`, byte by byte in order, behind the key `after`.
    #[tracing::instrument(name = "store.key_value.list_keys", skip_all, fields(project.id = %bucket.project_id))]
    pub async fn list_keys(
        &mut self,
        bucket: &Bucket,
        after: Option<&Key>,
        limit: u32,
    ) -> Result<Page<Key, Key>, Error> {
        const SQL: &str = "
            select key from key_value where project_id = $1 and bucket = $2 and key > $3 order by key limit $4";
        let keys: Vec<String> = on!(self, connection => {
            sqlx::query_scalar(SQL)
                .bind(bucket.project_id.to_string())
                .bind(bucket.name.as_str())
                .bind(after.map_or("", Key::as_str))
                .bind(one_more(limit))
                .fetch_all(connection).await
        })?;
        let keys = keys.iter().map(|key| column("key_value", "key").parse(key)).collect::<Result<_, _>>()?;
        Ok(Page::cut(keys, limit, Key::clone))
    }

    /// What `project` keeps in all of its buckets together.
    #[tracing::instrument(name = "store.key_value.find_usage", skip_all, fields(project.id = %project))]
    pub async fn find_key_value_usage(&mut self, project: ProjectId) -> Result<KeyValueUsage, Error> {
        const SQL: &str = "select bytes, keys from key_value_usage where project_id = $1";
        let usage: Option<KeyValueUsage> = on!(self, connection => {
            sqlx::query_as(SQL).bind(project.to_string()).fetch_optional(connection).await
        })?;
        Ok(usage.unwrap_or_default())
    }

    /// Reads the value and keeps others from changing it until this transaction ends.
    async fn lock_value(&mut self, bucket: &Bucket, key: &Key) -> Result<Option<Value>, Error> {
        // SQLite has one writer, who is alone already.
        const SQLITE: &str = "
            select value, revision from key_value where project_id = $1 and bucket = $2 and key = $3";
        const POSTGRES: &str = "
            select value, revision from key_value where project_id = $1 and bucket = $2 and key = $3 for update";
        let sql = match self.connection {
            Connection::Sqlite(_) => SQLITE,
            Connection::Postgres(_) => POSTGRES,
        };
        self.value_by(sql, bucket, key).await
    }

    async fn value_by(&mut self, sql: &'static str, bucket: &Bucket, key: &Key) -> Result<Option<Value>, Error> {
        Ok(on!(self, connection => {
            sqlx::query_as(sql)
                .bind(bucket.project_id.to_string())
                .bind(bucket.name.as_str())
                .bind(key.as_str())
                .fetch_optional(connection).await
        })?)
    }
}

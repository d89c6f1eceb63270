//! What the platform remembers for itself: rows of `setting`.

use crate::{Error, Reader, Transaction, connection::on};

impl Reader {
    /// The value of a setting.
    #[tracing::instrument(name = "store.setting.find", skip_all, fields(setting.key = key))]
    pub async fn find_setting(&mut self, key: &str) -> Result<Option<String>, Error> {
        const SQL: &str = "select value from setting where key = $1";
        Ok(on!(self, connection => sqlx::query_scalar(SQL).bind(key).fetch_optional(connection).await)?)
    }
}

impl Transaction {
    /// Sets a setting that has no value yet, and returns the value that it has now: for a secret that
    /// the first of several servers makes for all of them.
    #[tracing::instrument(name = "store.setting.insert", skip_all, fields(setting.key = key))]
    pub async fn insert_setting(&mut self, key: &str, value: &str) -> Result<String, Error> {
        const SQL: &str = "
            insert into setting (key, value) values ($1, $2)
            on conflict (key) do update set value = setting.value returning value";
        Ok(on!(self, connection => sqlx::query_scalar(SQL).bind(key).bind(value).fetch_one(connection).await)?)
    }

    /// Sets a setting.
    #[tracing::instrument(name = "store.setting.update", skip_all, fields(setting.key = key))]
    pub async fn update_setting(&mut self, key: &str, value: &str) -> Result<(), Error> {
        const SQL: &str = "
            insert into setting (key, value) values ($1, $2)
            on conflict (key) do update set value = excluded.value";
        on!(self, connection => sqlx::query(SQL).bind(key).bind(value).execute(connection).await.map(drop))?;
        Ok(())
    }
}

//! The version's variables: `wasi:config/store`.

use crate::{
    bindings::config::{Error, Host},
    state::Guest,
};

impl Host for Guest {
    async fn get(&mut self, key: String) -> wasmtime::Result<Result<Option<String>, Error>> {
        Ok(Ok(self.grants()?.variables.get(&key).cloned()))
    }

    async fn get_all(&mut self) -> wasmtime::Result<Result<Vec<(String, String)>, Error>> {
        Ok(Ok(self.grants()?.variables.clone().into_iter().collect()))
    }
}

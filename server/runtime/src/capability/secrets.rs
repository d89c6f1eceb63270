//! Secrets: `dormouse:secrets/store`.

use wasmtime::component::Resource;

use super::declared;
use crate::{
    bindings::secrets::{Error, Host, HostSecret},
    host::SecretError,
    state::Guest,
};

/// A secret that a guest has found.
#[allow(unreachable_pub, reason = "the generated bindings export it again")]
pub struct Secret(Vec<u8>);

impl From<SecretError> for Error {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Missing => Self::Missing,
            SecretError::Unavailable => Self::Unavailable,
        }
    }
}

impl Host for Guest {
    async fn get(&mut self, name: String) -> wasmtime::Result<Result<Resource<Secret>, Error>> {
        let grants = self.grants()?;
        let Some(declared) = declared(&grants.secrets, &name) else {
            self.note(&format!("dormouse: the secret {name:?} is not in the version's secrets"));
            return Ok(Err(Error::Undeclared));
        };
        match grants.host.secret(declared).await {
            Ok(value) => Ok(Ok(self.resources.push(Secret(value))?)),
            Err(error) => Ok(Err(error.into())),
        }
    }

    async fn reveal(&mut self, secret: Resource<Secret>) -> wasmtime::Result<Vec<u8>> {
        Ok(self.resources.get(&secret)?.0.clone())
    }
}

impl HostSecret for Guest {
    async fn drop(&mut self, secret: Resource<Secret>) -> wasmtime::Result<()> {
        self.resources.delete(secret)?;
        Ok(())
    }
}

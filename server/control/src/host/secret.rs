//! Reading the project's secrets.

use async_trait::async_trait;
use domain::SecretName;
use runtime::SecretError;
use secrecy::ExposeSecret as _;

use super::{VersionHost, unavailable};
use crate::Error;

#[async_trait]
impl runtime::Secrets for VersionHost {
    async fn secret(&self, name: &SecretName) -> Result<Vec<u8>, SecretError> {
        match self.bound_secret(name).await {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(SecretError::Missing),
            Err(error) => Err(unavailable(&error, "a secret", SecretError::Unavailable)),
        }
    }
}

impl VersionHost {
    /// The value in the version that the live deployment is bound to; the newest where it is bound to none, as for a
    /// version that is tried before it is deployed.
    async fn bound_secret(&self, name: &SecretName) -> Result<Option<Vec<u8>>, Error> {
        let project = self.home.project.id;
        let live = self.routing().and_then(|routing| routing.find_live(&self.home.project.name, &self.home.name));
        let version = match live.and_then(|live| live.secrets.get(name).copied()) {
            Some(version) => Some(version),
            None => {
                let mut reader = self.shared.store.read().await?;
                reader.list_secret_versions(project, name, 1).await?.pop().map(|newest| newest.version)
            }
        };
        let Some(version) = version else { return Ok(None) };
        let found = self.shared.secrets.find(project, name, version).await?;
        Ok(found.map(|value| value.expose_secret().to_vec()))
    }
}

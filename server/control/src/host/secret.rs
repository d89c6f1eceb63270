//! Reading the project's secrets.

use async_trait::async_trait;
use domain::SecretName;
use runtime::SecretError;

use super::VersionHost;

#[async_trait]
impl runtime::Secrets for VersionHost {
    async fn secret(&self, _: &SecretName) -> Result<Vec<u8>, SecretError> {
        Err(SecretError::Unavailable)
    }
}

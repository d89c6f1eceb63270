//! Calling other functions of the project.

use async_trait::async_trait;
use domain::FunctionName;
use runtime::{InvokerError, Payload};

use super::VersionHost;

#[async_trait]
impl runtime::Invoker for VersionHost {
    async fn invoke(&self, _: &FunctionName, _: Payload, _: u8) -> Result<Payload, InvokerError> {
        Err(InvokerError::Unavailable)
    }

    async fn invoke_async(&self, _: &FunctionName, _: Payload) -> Result<String, InvokerError> {
        Err(InvokerError::Unavailable)
    }
}

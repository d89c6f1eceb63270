//! Calling other functions of the project.

use async_trait::async_trait;
use domain::{FunctionName, Label};
use runtime::{Failure, InvokerError, Payload};
use tokio::task::JoinHandle;

use super::{VersionHost, unavailable};
use crate::{Error, dispatch::Target};

/// A task that ends with whoever waits for it.
struct Held<T>(JoinHandle<T>);

impl<T> Drop for Held<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl VersionHost {
    /// The live version of another function, by its split.
    fn target(&self, function: &FunctionName) -> Result<Target, InvokerError> {
        let routing = self.routing().ok_or(InvokerError::Unavailable)?;
        routing.find_target(&self.home.project.name, function).ok_or(InvokerError::Missing)
    }
}

#[async_trait]
impl runtime::Invoker for VersionHost {
    async fn invoke(&self, function: &FunctionName, payload: Payload, depth: u8) -> Result<Payload, InvokerError> {
        let target = self.target(function)?;
        if !target.is_callable() {
            return Err(InvokerError::Missing);
        }
        let id = self.shared.ids.next();
        // A task of its own: the caller does not pay for the CPU time of what it calls.
        let mut call = Held(tokio::spawn(target.call_from(id, payload, depth)));
        match (&mut call.0).await {
            Ok(Ok(Ok(answer))) => Ok(answer),
            Ok(Ok(Err(failure))) => Err(InvokerError::Failed(failure)),
            Ok(Err(fault)) if !fault.was_run() => Err(InvokerError::Unavailable),
            Ok(Err(fault)) => {
                let failure = Failure { code: fault.code().to_owned(), message: fault.message().to_owned() };
                Err(InvokerError::Failed(failure))
            }
            Err(error) => Err(unavailable(&error, "a call", InvokerError::Unavailable)),
        }
    }

    async fn invoke_async(&self, function: &FunctionName, payload: Payload) -> Result<String, InvokerError> {
        let version = self.target(function)?.version();
        let accept = async {
            let found = self.shared.store.read().await?.find_function(self.home.project.id, function).await?;
            let found = found.ok_or_else(|| Error::not_found(format!("function {function}")))?;
            let by = Label::try_from(format!("function {}", self.home.name))?;
            self.shared.calls.accept(&found, version, payload, by).await
        };
        match accept.await {
            Ok(call) => Ok(call.id.to_string()),
            Err(Error::NotFound { .. } | Error::Conflict { .. }) => Err(InvokerError::Missing),
            Err(Error::Invalid(_)) => Err(InvokerError::TooLarge),
            Err(error) => Err(unavailable(&error, "a call", InvokerError::Unavailable)),
        }
    }
}

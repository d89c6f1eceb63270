//! Calling other functions: `dormouse:function/invoker`.

use std::collections::BTreeSet;

use domain::FunctionName;

use super::declared;
use crate::{
    bindings::{
        function,
        invoker::{self, Error},
    },
    bounds,
    event::{Failure, Payload},
    host::InvokerError,
    state::Guest,
};

impl From<InvokerError> for Error {
    fn from(error: InvokerError) -> Self {
        match error {
            InvokerError::Missing => Self::Missing,
            InvokerError::Failed(Failure { code, message }) => Self::Failed(function::Failure { code, message }),
            InvokerError::Unavailable => Self::Unavailable,
            InvokerError::TooLarge => Self::TooLarge,
        }
    }
}

impl Guest {
    /// Checks a call before it is made.
    fn checked(
        &self,
        functions: &BTreeSet<FunctionName>,
        function: &str,
        payload: function::Payload,
    ) -> Result<(FunctionName, Payload), Error> {
        let Some(name) = declared(functions, function) else {
            self.note(&format!("dormouse: the function {function:?} is not in the version's invokes"));
            return Err(Error::Undeclared);
        };
        let payload = Payload { content_type: payload.content_type, body: payload.body };
        if payload.fits() { Ok((name.clone(), payload)) } else { Err(Error::TooLarge) }
    }
}

impl invoker::Host for Guest {
    async fn invoke(
        &mut self,
        function: String,
        payload: function::Payload,
    ) -> wasmtime::Result<Result<function::Payload, Error>> {
        let grants = self.grants()?;
        let (name, payload) = match self.checked(&grants.functions, &function, payload) {
            Ok(checked) => checked,
            Err(error) => return Ok(Err(error)),
        };
        let depth = self.depth().saturating_add(1);
        if depth > bounds::CALL_DEPTH {
            return Ok(Err(Error::TooDeep));
        }
        let answer = grants.host.invoke(&name, payload, depth).await;
        Ok(answer.map(|Payload { content_type, body }| function::Payload { content_type, body }).map_err(Into::into))
    }

    async fn invoke_async(
        &mut self,
        function: String,
        payload: function::Payload,
    ) -> wasmtime::Result<Result<String, Error>> {
        let grants = self.grants()?;
        match self.checked(&grants.functions, &function, payload) {
            Ok((name, payload)) => Ok(grants.host.invoke_async(&name, payload).await.map_err(Into::into)),
            Err(error) => Ok(Err(error)),
        }
    }
}

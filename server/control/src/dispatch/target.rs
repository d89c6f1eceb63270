//! The version that answers a request.

use domain::{FunctionName, Limits, ProjectName, VersionNumber, id::InvocationId};
use http::{Request, Response};

use super::InvokeFault;

/// The version that answers a request.
pub struct Target {}

impl Target {
    /// The project's name.
    #[must_use]
    pub fn project(&self) -> &ProjectName {
        todo!()
    }

    /// The function's name.
    #[must_use]
    pub fn function(&self) -> &FunctionName {
        todo!()
    }

    /// The version's number.
    #[must_use]
    pub fn version(&self) -> VersionNumber {
        todo!()
    }

    /// What the invocation may use.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        todo!()
    }

    /// The pattern that matched; absent on preview hosts.
    #[must_use]
    pub fn route(&self) -> Option<&str> {
        todo!()
    }

    /// The values of the pattern's parameters, as they stand in the path.
    #[must_use]
    pub fn parameters(&self) -> &[(String, String)] {
        todo!()
    }

    /// Runs the guest; answers when the answer's head is there.
    ///
    /// Dropping the answer's body ends the invocation as cancelled.
    ///
    /// # Errors
    ///
    /// [`InvokeFault`], each with the status to answer with.
    pub async fn invoke(
        self,
        id: InvocationId,
        request: Request<runtime::Body>,
    ) -> Result<Response<runtime::Body>, InvokeFault> {
        todo!()
    }
}

//! A function's versions, and calling one to try it.

use wire::{Invoke, InvokeAnswer, Page, Version};

use super::{Api, Error, function_path};

impl Api {
    /// Reads a function's versions, newest first.
    pub(crate) async fn list_versions(self, project: &str, function: &str, pages: u32) -> Result<Page<Version>, Error> {
        self.get_list(&format!("{}/versions", function_path(project, function)), pages).await
    }

    /// Reads a version.
    pub(crate) async fn find_version(self, project: &str, function: &str, number: u32) -> Result<Version, Error> {
        self.get(&format!("{}/versions/{number}", function_path(project, function))).await
    }

    /// Deletes a version that was never deployed.
    pub(crate) async fn delete_version(self, project: &str, function: &str, number: u32) -> Result<(), Error> {
        self.delete(&format!("{}/versions/{number}", function_path(project, function))).await
    }

    /// Calls a function.
    pub(crate) async fn invoke(self, project: &str, function: &str, request: &Invoke) -> Result<InvokeAnswer, Error> {
        self.post(&format!("{}/invoke", function_path(project, function)), request).await
    }
}

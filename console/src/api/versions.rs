//! A function's versions, and calling one to try it.

use wire::{Invoke, InvokeAnswer, Page, Version};

use super::{Api, Reply, function_path};

impl Api {
    /// Reads a function's versions, newest first.
    pub(crate) fn list_versions(self, project: &str, function: &str, pages: u32) -> Reply<Page<Version>> {
        self.get_list(format!("{}/versions", function_path(project, function)), pages)
    }

    /// Reads a version.
    pub(crate) fn find_version(self, project: &str, function: &str, number: u32) -> Reply<Version> {
        self.get(format!("{}/versions/{number}", function_path(project, function)))
    }

    /// Deletes a version that was never deployed.
    pub(crate) fn delete_version(self, project: &str, function: &str, number: u32) -> Reply<()> {
        self.delete(format!("{}/versions/{number}", function_path(project, function)))
    }

    /// Calls a function.
    pub(crate) fn invoke(self, project: &str, function: &str, request: &Invoke) -> Reply<InvokeAnswer> {
        self.post(format!("{}/invoke", function_path(project, function)), request)
    }
}

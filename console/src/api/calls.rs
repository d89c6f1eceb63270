//! Asynchronous calls of functions.

use wire::{Call, CreateCall};

use super::{Api, Reply, encoded, function_path};

impl Api {
    /// Has a function called later; the answer comes once the call is on disk.
    pub(crate) fn create_call(self, project: &str, function: &str, body: &CreateCall) -> Reply<Call> {
        self.post(format!("{}/calls", function_path(project, function)), body)
    }

    /// Reads how a call stands, and its answer.
    pub(crate) fn find_call(self, project: &str, function: &str, id: &str) -> Reply<Call> {
        self.get(call_path(project, function, id))
    }

    /// Cancels a call that waits.
    pub(crate) fn cancel_call(self, project: &str, function: &str, id: &str) -> Reply<()> {
        self.delete(call_path(project, function, id))
    }
}

/// The address of a call in the API.
fn call_path(project: &str, function: &str, id: &str) -> String {
    format!("{}/calls/{}", function_path(project, function), encoded(id))
}

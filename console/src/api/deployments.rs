//! Moving a function's traffic, forward and back.

use wire::{CreateDeployment, Deployment, DeploymentChanges, Page, RollBack};

use super::{Api, Reply, function_path};

impl Api {
    /// Reads a function's deployments, newest first.
    pub(crate) fn list_deployments(self, project: &str, function: &str, pages: u32) -> Reply<Page<Deployment>> {
        self.get_list(format!("{}/deployments", function_path(project, function)), pages)
    }

    /// Moves traffic.
    pub(crate) fn deploy(self, project: &str, function: &str, body: &CreateDeployment) -> Reply<Deployment> {
        self.post(format!("{}/deployments", function_path(project, function)), body)
    }

    /// Reads what rolling back to deployment `number` would change.
    pub(crate) fn find_changes(self, project: &str, function: &str, number: u32) -> Reply<DeploymentChanges> {
        self.get(format!("{}/deployments/{number}/changes", function_path(project, function)))
    }

    /// Puts an earlier deployment back, whole.
    pub(crate) fn roll_back(self, project: &str, function: &str, body: &RollBack) -> Reply<Deployment> {
        self.post(format!("{}/rollback", function_path(project, function)), body)
    }
}

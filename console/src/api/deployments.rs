//! Moving a function's traffic, forward and back.

use wire::{CreateDeployment, Deployment, DeploymentChanges, Page, RollBack};

use super::{Api, Error, function_path};

impl Api {
    /// Reads a function's deployments, newest first.
    pub(crate) async fn list_deployments(
        self,
        project: &str,
        function: &str,
        pages: u32,
    ) -> Result<Page<Deployment>, Error> {
        self.get_list(&format!("{}/deployments", function_path(project, function)), pages).await
    }

    /// Moves traffic.
    pub(crate) async fn deploy(
        self,
        project: &str,
        function: &str,
        body: &CreateDeployment,
    ) -> Result<Deployment, Error> {
        self.post(&format!("{}/deployments", function_path(project, function)), body).await
    }

    /// Reads what rolling back to deployment `number` would change.
    pub(crate) async fn find_changes(
        self,
        project: &str,
        function: &str,
        number: u32,
    ) -> Result<DeploymentChanges, Error> {
        self.get(&format!("{}/deployments/{number}/changes", function_path(project, function))).await
    }

    /// Puts an earlier deployment back, whole.
    pub(crate) async fn roll_back(self, project: &str, function: &str, body: &RollBack) -> Result<Deployment, Error> {
        self.post(&format!("{}/rollback", function_path(project, function)), body).await
    }
}

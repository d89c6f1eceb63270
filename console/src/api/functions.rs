//! Projects and their functions.

use wire::{Ceiling, CreateProject, Function, Page, Project, UpdateFunction, UpdateProject};

use super::{Api, Error, function_path, project_path};

impl Api {
    /// Creates a project, and learns anew what the person may do where.
    pub(crate) async fn create_project(self, name: String) -> Result<Project, Error> {
        let project = self.post("/projects", &CreateProject { name }).await?;
        self.find_session().await;
        Ok(project)
    }

    /// Reads a project.
    pub(crate) async fn find_project(self, project: &str) -> Result<Project, Error> {
        self.get(&project_path(project)).await
    }

    /// Changes what `ceiling` says of a project's ceiling.
    pub(crate) async fn update_project(self, project: &str, ceiling: Ceiling) -> Result<Project, Error> {
        self.patch(&project_path(project), &UpdateProject { ceiling }).await
    }

    /// Reads a project's functions.
    pub(crate) async fn list_functions(self, project: &str, pages: u32) -> Result<Page<Function>, Error> {
        self.get_list(&format!("{}/functions", project_path(project)), pages).await
    }

    /// Reads a function.
    pub(crate) async fn find_function(self, project: &str, function: &str) -> Result<Function, Error> {
        self.get(&function_path(project, function)).await
    }

    /// Changes a function's description.
    pub(crate) async fn update_function(
        self,
        project: &str,
        function: &str,
        description: String,
    ) -> Result<Function, Error> {
        self.patch(&function_path(project, function), &UpdateFunction { description }).await
    }

    /// Deletes a function with all of its versions and deployments.
    pub(crate) async fn delete_function(self, project: &str, function: &str) -> Result<(), Error> {
        self.delete(&function_path(project, function)).await
    }
}

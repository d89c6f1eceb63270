//! Projects and their functions.

use wire::{Ceiling, CreateProject, Function, Page, Project, UpdateFunction, UpdateProject};

use super::{Api, Error, Reply, function_path, project_path};

impl Api {
    /// Creates a project, and learns anew what the person may do where.
    pub(crate) async fn create_project(self, name: String) -> Result<Project, Error> {
        let project = self.post("/projects".to_owned(), &CreateProject { name }).await?;
        self.find_session().await;
        Ok(project)
    }

    /// Reads a project.
    pub(crate) fn find_project(self, project: &str) -> Reply<Project> {
        self.get(project_path(project))
    }

    /// Changes what `ceiling` says of a project's ceiling.
    pub(crate) fn update_project(self, project: &str, ceiling: Ceiling) -> Reply<Project> {
        self.patch(project_path(project), &UpdateProject { ceiling })
    }

    /// Reads a project's functions.
    pub(crate) fn list_functions(self, project: &str, pages: u32) -> Reply<Page<Function>> {
        self.get_list(format!("{}/functions", project_path(project)), pages)
    }

    /// Reads a function.
    pub(crate) fn find_function(self, project: &str, function: &str) -> Reply<Function> {
        self.get(function_path(project, function))
    }

    /// Changes a function's description.
    pub(crate) fn update_function(self, project: &str, function: &str, description: String) -> Reply<Function> {
        self.patch(function_path(project, function), &UpdateFunction { description })
    }

    /// Deletes a function with all of its versions and deployments.
    pub(crate) fn delete_function(self, project: &str, function: &str) -> Reply<()> {
        self.delete(function_path(project, function))
    }
}

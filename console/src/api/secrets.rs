//! Secrets: values go in and never come out.

use wire::{Page, Secret, SecretVersion, SetSecret};

use super::{Api, Reply, encoded, project_path};

impl Api {
    /// Reads the names of a project's secrets, their versions and who reads them.
    pub(crate) fn list_secrets(self, project: &str, pages: u32) -> Reply<Page<Secret>> {
        self.get_list(format!("{}/secrets", project_path(project)), pages)
    }

    /// Writes a secret's next version.
    pub(crate) fn set_secret(self, project: &str, name: &str, value: String) -> Reply<SecretVersion> {
        self.put(secret_path(project, name), &SetSecret { value })
    }

    /// Deletes a secret with all of its versions.
    pub(crate) fn delete_secret(self, project: &str, name: &str) -> Reply<()> {
        self.delete(secret_path(project, name))
    }
}

/// The address of a secret in the API.
fn secret_path(project: &str, name: &str) -> String {
    format!("{}/secrets/{}", project_path(project), encoded(name))
}

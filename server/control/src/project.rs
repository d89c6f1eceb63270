//! Projects.

use domain::{ProjectName, Role, Timestamp, id::ProjectId};

use crate::{Caller, Control, Error, Page, PageQuery};

/// A project as its caller sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name, which is the first label of its host.
    pub name: ProjectName,
    /// What the caller is in it; absent for tokens.
    pub role: Option<Role>,
    /// When it was created.
    pub created_at: Timestamp,
}

impl Control {
    /// The projects that the caller sees, by name.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for the cursor.
    pub fn list_projects(&self, caller: &Caller, query: &PageQuery) -> Result<Page<Project>, Error> {
        todo!()
    }

    /// One project.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub fn find_project(&self, caller: &Caller, name: &ProjectName) -> Result<Project, Error> {
        todo!()
    }

    /// Creates a project that the caller owns.
    ///
    /// # Errors
    ///
    /// [`Error::PeopleOnly`], [`Error::Conflict`] `name-taken` or `too-many-projects`.
    pub async fn create_project(&self, caller: &Caller, name: ProjectName) -> Result<Project, Error> {
        todo!()
    }
}

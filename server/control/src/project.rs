//! Projects.

use domain::{Action, ProjectName, Role, Timestamp, id::ProjectId};
use store::Transaction;

use crate::{Access, Caller, Control, Error, Page, PageQuery};

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
        let after: Option<ProjectName> = query.after()?;
        let limit = query.limit() as usize;
        let mut rest = caller.projects.iter().filter(|access| after.as_ref().is_none_or(|after| access.name > *after));
        let items: Vec<_> = rest.by_ref().take(limit).map(Project::from).collect();
        let next_cursor = match rest.next() {
            Some(_) => items.last().map(|project| project.name.to_string()),
            None => None,
        };
        Ok(Page { items, next_cursor })
    }

    /// One project.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub fn find_project(&self, caller: &Caller, name: &ProjectName) -> Result<Project, Error> {
        caller.require(name, Action::ProjectRead).map(Project::from)
    }

    /// Creates a project that the caller owns.
    ///
    /// # Errors
    ///
    /// [`Error::PeopleOnly`], [`Error::Conflict`] `name-taken` or `too-many-projects`.
    pub async fn create_project(&self, caller: &Caller, name: ProjectName) -> Result<Project, Error> {
        let owner = caller.person("create projects")?;
        if caller.projects.len() >= Caller::MAX_PROJECTS as usize {
            let detail = format!("you are in {} projects, which is the most", Caller::MAX_PROJECTS);
            return Err(Error::conflict("too-many-projects", detail));
        }
        let project = store::Project { id: self.0.ids.next(), name, created_at_us: self.0.ids.now() };
        let made = Project {
            id: project.id,
            name: project.name.clone(),
            role: Some(Role::Owner),
            created_at: project.created_at_us,
        };
        self.0
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    insert_project(transaction, &project).await?;
                    Ok::<_, Error>(
                        transaction.upsert_member(project.id, owner, Role::Owner, project.created_at_us).await?,
                    )
                })
            })
            .await?;
        Ok(made)
    }
}

/// Adds a project.
///
/// # Errors
///
/// [`Error::Conflict`] `name-taken`.
pub(crate) async fn insert_project(transaction: &mut Transaction, project: &store::Project) -> Result<(), Error> {
    match transaction.insert_project(project).await {
        Err(store::Error::Duplicate) => {
            let detail = format!("there is a project {} already; choose another name", project.name);
            Err(Error::conflict("name-taken", detail))
        }
        other => Ok(other?),
    }
}

impl From<&Access> for Project {
    fn from(access: &Access) -> Self {
        Self { id: access.project, name: access.name.clone(), role: access.role, created_at: access.created_at }
    }
}

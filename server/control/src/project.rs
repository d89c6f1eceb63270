//! Projects.

use domain::{Action, Ceiling, ProjectName, Role, Timestamp, id::ProjectId};
use store::Transaction;

use crate::{Access, Caller, Control, Error, Page, PageQuery, Revision};

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
    /// The most that its versions' limits may be, every figure said.
    pub ceiling: Ceiling,
    /// Tells two states of it apart.
    pub revision: Revision,
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
        let items: Vec<_> = rest.by_ref().take(limit).map(|access| self.project(access)).collect();
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
        caller.require(name, Action::ProjectRead).map(|access| self.project(access))
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
        let project = self.new_project(name);
        let made = Project {
            id: project.id,
            name: project.name.clone(),
            role: Some(Role::Owner),
            created_at: project.created_at_us,
            ceiling: project.ceiling.whole(self.0.config.project_concurrency),
            revision: Revision(project.revision),
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

    /// Changes what `change` says of a project's ceiling.
    ///
    /// Versions keep the limits that they were taken with, so that what ran before still runs and can be put
    /// back; how much the project runs at once changes at once.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] for a figure out of its bounds,
    /// [`Error::PreconditionFailed`] if the project is not at `expected`.
    pub async fn update_project(
        &self,
        caller: &Caller,
        name: &ProjectName,
        change: Ceiling,
        expected: Option<Revision>,
    ) -> Result<Project, Error> {
        let access = caller.require(name, Action::ProjectUpdate)?.clone();
        change.check(self.0.config.project_concurrency).map_err(|invalid| invalid.within("ceiling"))?;
        let control = self.clone();
        // A task of its own: once the row is there the data plane must know, also if the caller does not wait.
        let changing = tokio::spawn(async move { control.change_ceiling(access, change, expected).await });
        changing.await.map_err(Error::internal("changing a project"))?
    }

    async fn change_ceiling(
        &self,
        mut access: Access,
        change: Ceiling,
        expected: Option<Revision>,
    ) -> Result<Project, Error> {
        let most = self.0.config.project_concurrency;
        let publishing = self.0.routing.publishing().await;
        let (id, name) = (access.project, access.name.clone());
        let changed: store::Project = self
            .0
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    transaction.lock_project(id).await?;
                    let found = transaction.find_project(id).await?;
                    let found = found.ok_or_else(|| Error::not_found(format!("project {name}")))?;
                    let ceiling = found.ceiling.changed(&change, most);
                    let expected = expected.map_or(found.revision, |revision| revision.0);
                    if !transaction.update_project_ceiling(id, &ceiling, expected).await? {
                        let detail = format!("the project {name} was changed meanwhile; read it again");
                        return Err(Error::PreconditionFailed { detail });
                    }
                    Ok(store::Project { ceiling, revision: found.revision + 1, ..found })
                })
            })
            .await?;
        publishing.set_concurrency(id, &changed.ceiling);
        tracing::info!(project.name = %access.name, ceiling = ?changed.ceiling, "the project's ceiling changed");
        access.ceiling = changed.ceiling;
        access.revision = changed.revision;
        Ok(self.project(&access))
    }

    /// A new project, yet to be stored.
    pub(crate) fn new_project(&self, name: ProjectName) -> store::Project {
        store::Project {
            id: self.0.ids.next(),
            name,
            created_at_us: self.0.ids.now(),
            ceiling: Ceiling::default(),
            revision: 1,
        }
    }

    /// A project as its caller sees it.
    fn project(&self, access: &Access) -> Project {
        Project {
            id: access.project,
            name: access.name.clone(),
            role: access.role,
            created_at: access.created_at,
            ceiling: access.ceiling.whole(self.0.config.project_concurrency),
            revision: Revision(access.revision),
        }
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

//! Functions.

use std::{fmt, str::FromStr};

use domain::{
    Action, FunctionName, Invalid, Message, ProjectName, Timestamp, VersionNumber,
    id::{FunctionId, ProjectId},
};

use crate::{Access, Caller, CloseCause, Closing, Control, Deployment, Error, Page, PageQuery};

/// A function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its id.
    pub id: FunctionId,
    /// Its name.
    pub name: FunctionName,
    /// What it is for, in a sentence; empty where nobody said.
    pub description: Message,
    /// When it was created.
    pub created_at: Timestamp,
    /// Tells two states of it apart.
    pub revision: Revision,
    /// The newest version's number; absent before the first upload.
    pub latest_version: Option<VersionNumber>,
    /// The deployment that is live; absent before the first.
    pub live: Option<Deployment>,
}

/// Tells two states of a thing apart; the value of its ETag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision(pub(crate) i64);

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Revision {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.parse().map(Self).map_err(|_| Invalid::new("if-match", "is not an entity tag that this resource gave"))
    }
}

impl Control {
    /// The functions of `project`, newest first.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Invalid`] for the cursor.
    pub async fn list_functions(
        &self,
        caller: &Caller,
        project: &ProjectName,
        query: &PageQuery,
    ) -> Result<Page<Function>, Error> {
        let project = caller.require(project, Action::FunctionRead)?.project;
        let functions = self.0.store.read().await?.list_functions(project, query.after()?, query.limit()).await?;
        Ok(Page::of(functions))
    }

    /// One function.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub async fn find_function(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
    ) -> Result<Function, Error> {
        let project = caller.require(project, Action::FunctionRead)?.project;
        let found = self.0.store.read().await?.find_function_overview(project, function).await?;
        found.map(Function::from).ok_or_else(|| no_function(function))
    }

    /// Creates a function.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Conflict`] `name-taken`.
    pub async fn create_function(
        &self,
        caller: &Caller,
        project: &ProjectName,
        name: FunctionName,
        description: Message,
    ) -> Result<Function, Error> {
        let project = caller.require(project, Action::FunctionCreate)?.project;
        let function = self.new_function(project, name, description);
        let made = store::FunctionOverview { function: function.clone(), latest_version: None, live: None };
        self.0
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    match transaction.insert_function(&function).await {
                        Err(store::Error::Duplicate) => {
                            let detail = format!("the project has a function {} already", function.name);
                            Err(Error::conflict("name-taken", detail))
                        }
                        other => Ok(other?),
                    }
                })
            })
            .await?;
        Ok(made.into())
    }

    /// A new function, yet to be stored.
    pub(crate) fn new_function(&self, project: ProjectId, name: FunctionName, description: Message) -> store::Function {
        store::Function {
            id: self.0.ids.next(),
            project_id: project,
            name,
            description,
            created_at_us: self.0.ids.now(),
            revision: 1,
            live_deployment: None,
        }
    }

    /// Changes a function's description.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::PreconditionFailed`] if it is not at `expected`.
    pub async fn update_function(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        description: Message,
        expected: Option<Revision>,
    ) -> Result<Function, Error> {
        let project = caller.require(project, Action::FunctionUpdate)?.project;
        let name = function.clone();
        let updated: store::FunctionOverview = self
            .0
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    let found = transaction.find_function(project, &name).await?.ok_or_else(|| no_function(&name))?;
                    let updated = transaction
                        .update_function(found.id, &description, expected.map(|revision| revision.0))
                        .await?;
                    if !updated {
                        return Err(changed(&found));
                    }
                    transaction.find_function_overview(project, &name).await?.ok_or_else(|| no_function(&name))
                })
            })
            .await?;
        Ok(updated.into())
    }

    /// Deletes a function with all of its versions and deployments; its routes are gone at once.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::PreconditionFailed`] if it is not at `expected`.
    pub async fn delete_function(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        expected: Option<Revision>,
    ) -> Result<(), Error> {
        let access = caller.require(project, Action::FunctionDelete)?;
        let (control, project, name) = (self.clone(), access.clone(), function.clone());
        // A task of its own: once the rows are gone the routes must go, too, also if the caller does not wait.
        let deleting = tokio::spawn(async move { control.delete_now(&project, &name, expected).await });
        deleting.await.map_err(Error::internal("deleting a function"))?
    }

    async fn delete_now(&self, project: &Access, name: &FunctionName, expected: Option<Revision>) -> Result<(), Error> {
        let publishing = self.0.routing.publishing().await;
        let (project_id, wanted) = (project.project, name.clone());
        let id: FunctionId = self
            .0
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    let found =
                        transaction.find_function(project_id, &wanted).await?.ok_or_else(|| no_function(&wanted))?;
                    let deleted = transaction.delete_function(found.id, expected.map(|revision| revision.0)).await?;
                    if deleted { Ok(found.id) } else { Err(changed(&found)) }
                })
            })
            .await?;
        publishing.withdraw(&project.name, name, id).await;
        let reason = "the function was deleted".to_owned();
        let closing = Closing { code: 1_001, reason, cause: CloseCause::Removed };
        self.0.connections.close_function(project_id, id, &closing);
        tracing::info!(project.name = %project.name, function.name = %name, "function deleted");
        Ok(())
    }

    /// The function of a project that the caller may do `action` in.
    pub(crate) async fn function_for(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        action: Action,
    ) -> Result<store::Function, Error> {
        let project = caller.require(project, action)?.project;
        let found = self.0.store.read().await?.find_function(project, function).await?;
        found.ok_or_else(|| no_function(function))
    }
}

/// Says that there is no function of that name.
pub(crate) fn no_function(name: &FunctionName) -> Error {
    Error::not_found(format!("function {name}"))
}

fn changed(function: &store::Function) -> Error {
    let detail = format!("the function {} was changed meanwhile; read it again", function.name);
    Error::PreconditionFailed { detail }
}

impl From<store::FunctionOverview> for Function {
    fn from(overview: store::FunctionOverview) -> Self {
        let store::FunctionOverview { function, latest_version, live } = overview;
        Self {
            id: function.id,
            name: function.name,
            description: function.description,
            created_at: function.created_at_us,
            revision: Revision(function.revision),
            latest_version,
            live: live.map(Deployment::from),
        }
    }
}

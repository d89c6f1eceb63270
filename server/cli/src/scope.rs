//! What a verb works on: the project and the function, found where only one can be meant.

use clap::Args;
use domain::{FunctionName, ProjectName};

use crate::{client::Client, error::Error};

/// A platform, and the project where one was named.
pub(crate) struct Scope<'a> {
    client: &'a Client,
    project: Option<ProjectName>,
}

/// Names the function that a verb works on.
#[derive(Args, Clone, Debug)]
pub(crate) struct Target {
    /// Function to work on; not needed where the project has only one
    #[arg(long, short)]
    pub(crate) function: Option<FunctionName>,
}

/// One function of one project.
pub(crate) struct FunctionScope<'a> {
    pub(crate) client: &'a Client,
    pub(crate) project: String,
    pub(crate) function: String,
}

impl<'a> Scope<'a> {
    pub(crate) const fn new(client: &'a Client, project: Option<ProjectName>) -> Self {
        Self { client, project }
    }

    /// The platform.
    pub(crate) const fn client(&self) -> &'a Client {
        self.client
    }

    /// The project's name, where it was named.
    pub(crate) fn named_project(&self) -> Option<&str> {
        self.project.as_ref().map(ProjectName::as_str)
    }

    /// The project that was named, or the only one that the caller sees.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if the caller sees none, [`Error::Usage`] if it sees several.
    pub(crate) async fn project(&self) -> Result<String, Error> {
        self.project_or(None).await
    }

    /// The project that was named on the command line, that of the manifest, or the only one that the caller sees.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if the caller sees none, [`Error::Usage`] if it sees several.
    pub(crate) async fn project_or(&self, manifest: Option<&ProjectName>) -> Result<String, Error> {
        if let Some(project) = self.project.as_ref().or(manifest) {
            return Ok(project.to_string());
        }
        let whoami: wire::Whoami = self.client.get("/whoami").await?;
        let names: Vec<String> = whoami.projects.into_iter().map(|project| project.name).collect();
        only(names, "project", "--project or DORMOUSE_PROJECT", "the token sees no project")
    }

    /// The function that was named, or the only one of the project.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if the project has none, [`Error::Usage`] if it has several.
    pub(crate) async fn function(&self, target: &Target) -> Result<FunctionScope<'a>, Error> {
        let project = self.project().await?;
        let function = match &target.function {
            Some(function) => function.to_string(),
            None => {
                let path = format!("/projects/{project}/functions?limit=20");
                let page: wire::Page<wire::Function> = self.client.get(&path).await?;
                let names = page.items.into_iter().map(|function| function.name).collect();
                only(names, "function", "--function", &format!("the project {project} has no function yet"))?
            }
        };
        Ok(FunctionScope { client: self.client, project, function })
    }
}

impl FunctionScope<'_> {
    /// The function's path below the API's root, and `rest`.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/projects/{}/functions/{}{rest}", self.project, self.function)
    }

    /// The function, where it exists.
    pub(crate) async fn find(&self) -> Result<Option<wire::Function>, Error> {
        match self.client.get(&self.path("")).await {
            Ok(function) => Ok(Some(function)),
            Err(Error::Problem(problem)) if problem.status == 404 => Ok(None),
            Err(other) => Err(other),
        }
    }
}

fn only(names: Vec<String>, what: &str, flag: &str, none: &str) -> Result<String, Error> {
    match names.as_slice() {
        [] => Err(Error::NotFound(none.to_owned())),
        [only] => Ok(only.clone()),
        several => Err(Error::Usage(format!("name the {what} with {flag}: {}", several.join(", ")))),
    }
}

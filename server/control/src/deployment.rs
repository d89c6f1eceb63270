//! Deployments: moving a function's traffic, and putting an earlier state back.

mod append;
mod changes;
mod handlers;
mod ready;
mod roll_back;
mod routes;

use domain::{
    Action, DeploymentSpec, FunctionName, Message, ProjectName, Split, SplitKey, Timestamp, Trigger, WeightedVersion,
    id::DeploymentId,
};
use store::Reader;

use self::{append::Intent, changes::Side};
use crate::{Caller, Control, Error, Page, PageQuery};

/// A record of what a function's traffic does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Its id.
    pub id: DeploymentId,
    /// Its number within the function: 1, 2, 3….
    pub number: u32,
    /// All that it decides.
    pub spec: DeploymentSpec,
    /// Why it was made.
    pub message: Message,
    /// Who made it.
    pub created_by: String,
    /// When it went live.
    pub created_at: Timestamp,
    /// When the next one took its place; absent while it is live.
    pub replaced_at: Option<Timestamp>,
    /// The deployment that this one copies, where it is a rollback.
    pub rolled_back_to: Option<u32>,
    /// Whether it decides the traffic now.
    pub live: bool,
}

/// What traffic is to do.
#[derive(Clone, Debug)]
pub struct NewDeployment {
    /// One or two versions whose weights sum to 100.
    pub versions: Vec<WeightedVersion>,
    /// The whole set of triggers. Absent: those of the live deployment, or for the first one an HTTP
    /// trigger for everything below the function's name.
    pub triggers: Option<Vec<Trigger>>,
    /// What keeps a caller on one version while traffic is split.
    pub split_key: Option<SplitKey>,
    /// Why; empty where absent.
    pub message: Option<Message>,
    /// The number of the deployment that the caller takes to be live; 0 for none.
    pub expected_live: Option<u32>,
}

/// Which state to put back.
#[derive(Clone, Debug, Default)]
pub struct RollBack {
    /// The number of the deployment to copy; absent, the newest one before the live one that differs from it.
    pub to: Option<u32>,
    /// Why; empty where absent.
    pub message: Option<Message>,
    /// The number of the deployment that the caller takes to be live.
    pub expected_live: Option<u32>,
}

/// What moving from the live deployment to another one would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The live deployment's number.
    pub from: u32,
    /// The other one's number.
    pub to: u32,
    /// All that a deployment decides, field by field, in a fixed order.
    pub changes: Vec<Change>,
}

/// One field now and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is, such as `versions`, `triggers` or `variables.GREETING`.
    pub field: String,
    /// Its value now, for people; empty where there is none.
    pub now: String,
    /// Its value after, for people; empty where there is none.
    pub after: String,
}

impl Change {
    /// Whether the two differ.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.now != self.after
    }
}

impl Control {
    /// Moves traffic: appends a deployment and makes it live. When this returns, every new request sees it.
    ///
    /// Cancel safe: once begun, it runs to its end.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for the function or a version; [`Error::Forbidden`]; [`Error::Invalid`] for
    /// weights and triggers; [`Error::Conflict`] `version-not-ready`, `missing-handler`, `route-conflict` or
    /// `too-many-provisioned`; [`Error::PreconditionFailed`] if another deployment is live than expected.
    pub async fn deploy(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        new: NewDeployment,
    ) -> Result<Deployment, Error> {
        let access = caller.require(project, Action::DeploymentCreate)?.clone();
        let function = self.function_for(caller, project, function, Action::DeploymentCreate).await?;
        let intent = Intent {
            project: access.project,
            project_name: access.name,
            function,
            split: Split::try_from(new.versions)?,
            split_key: new.split_key,
            triggers: new.triggers,
            secrets: None,
            message: written(new.message)?,
            created_by: caller.name().clone(),
            rolled_back_to: None,
            expected_live: new.expected_live,
        };
        self.append(intent).await
    }

    /// The deployments of a function, newest first.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Invalid`] for the cursor.
    pub async fn list_deployments(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        query: &PageQuery,
    ) -> Result<Page<Deployment>, Error> {
        let function = self.function_for(caller, project, function, Action::FunctionRead).await?;
        let mut reader = self.0.store.read().await?;
        Ok(Page::of(reader.list_deployments(function.id, query.after()?, query.limit()).await?))
    }

    /// One deployment; the live one where `number` is absent.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub async fn find_deployment(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        number: Option<u32>,
    ) -> Result<Deployment, Error> {
        let function = self.function_for(caller, project, function, Action::FunctionRead).await?;
        let mut reader = self.0.store.read().await?;
        let found = match number {
            Some(number) => reader.find_deployment(function.id, number).await?,
            None => reader.find_live_deployment(function.id).await?,
        };
        found.map(Deployment::from).ok_or_else(|| no_deployment(&function, number))
    }

    /// What moving from the live deployment to `number` would change.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub async fn deployment_changes(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        number: u32,
    ) -> Result<Changes, Error> {
        let function = self.function_for(caller, project, function, Action::FunctionRead).await?;
        let mut reader = self.0.store.read().await?;
        let live = reader.find_live_deployment(function.id).await?;
        let live = live.ok_or_else(|| no_deployment(&function, None))?;
        let other = reader.find_deployment(function.id, number).await?;
        let other = other.ok_or_else(|| no_deployment(&function, Some(number)))?;
        let (from, to) = (live.number, other.number);
        let (now, after) = (side(&mut reader, live).await?, side(&mut reader, other).await?);
        Ok(Changes { from, to, changes: changes::compare(&now, &after) })
    }
}

impl From<store::Deployment> for Deployment {
    fn from(deployment: store::Deployment) -> Self {
        Self {
            id: deployment.id,
            number: deployment.number,
            spec: deployment.spec,
            message: deployment.message,
            created_by: deployment.created_by.to_string(),
            created_at: deployment.created_at_us,
            live: deployment.replaced_at_us.is_none(),
            replaced_at: deployment.replaced_at_us,
            rolled_back_to: deployment.rolled_back_to,
        }
    }
}

/// A deployment with the configurations of its versions.
async fn side(reader: &mut Reader, deployment: store::Deployment) -> Result<Side, Error> {
    let mut configurations = Vec::new();
    for part in deployment.spec.split.parts() {
        if let Some(version) = reader.find_version(deployment.function_id, part.version).await? {
            configurations.push((part.version, version.configuration));
        }
    }
    Ok(Side { spec: deployment.spec, configurations })
}

/// What was written, or nothing.
pub(crate) fn written(message: Option<Message>) -> Result<Message, Error> {
    match message {
        Some(message) => Ok(message),
        None => Ok(String::new().try_into()?),
    }
}

fn no_deployment(function: &store::Function, number: Option<u32>) -> Error {
    Error::not_found(match number {
        Some(number) => format!("deployment {number} of {}", function.name),
        None => format!("deployment of {} yet", function.name),
    })
}

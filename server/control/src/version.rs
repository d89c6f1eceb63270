//! Versions: uploading, preparing, reading and deleting them.

mod preparing;
mod reconfigure;
mod upload;

use std::{io, time::Duration};

use bytes::Bytes;
use domain::{
    Action, Configuration, Digest, Failure, FunctionName, Message, ProjectName, Timestamp, Verdict, VersionNumber,
    VersionState, id::VersionId, version::Source,
};
use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use store::{Preparation, VersionDeletion};

pub(crate) use self::preparing::{Preparer, Progress};
pub use self::{reconfigure::Reconfiguration, upload::NewVersion};
use crate::{Caller, Control, Error, Page, PageQuery, artifacts::COMPONENTS};

/// A component with its configuration: immutable but for its state.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// Its id.
    pub id: VersionId,
    /// Its number within the function.
    pub number: VersionNumber,
    /// Where it stands.
    pub state: VersionState,
    /// While it is being prepared, the last step that is done: `received`, `checked`,
    /// `snapshotted` or `compiled`.
    pub step: Option<String>,
    /// The component's SHA-256.
    pub component: Digest,
    /// The component's size in bytes.
    pub component_bytes: u64,
    /// What it runs with.
    pub configuration: Configuration,
    /// What was found in the component, once it is ready.
    pub verdict: Option<Verdict>,
    /// Why it was refused, once it failed.
    pub failure: Option<Failure>,
    /// Why it was made.
    pub message: Message,
    /// Who made it: a person's or a token's name.
    pub created_by: String,
    /// Where it came from.
    pub source: Source,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// Whether the live deployment sends traffic to it.
    pub live: bool,
}

/// The bytes of a component.
pub struct Component {
    /// Its SHA-256.
    pub digest: Digest,
    /// Its size in bytes.
    pub bytes: u64,
    /// The bytes themselves.
    pub stream: BoxStream<'static, io::Result<Bytes>>,
}

impl Control {
    /// The versions of a function, newest first.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Invalid`] for the cursor.
    pub async fn list_versions(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        query: &PageQuery,
    ) -> Result<Page<Version>, Error> {
        let function = self.function_for(caller, project, function, Action::FunctionRead).await?;
        let mut reader = self.0.store.read().await?;
        let page = reader.list_versions(function.id, query.after()?, query.limit()).await?;
        let live = reader.find_live_deployment(function.id).await?;
        Ok(Page {
            items: page.items.into_iter().map(|version| self.version(version, live.as_ref())).collect(),
            next_cursor: page.next.map(|number| number.to_string()),
        })
    }

    /// One version; with a `wait`, as soon as it is no longer being prepared or the time is up.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub async fn find_version(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        version: VersionNumber,
        wait: Duration,
    ) -> Result<Version, Error> {
        let function = self.function_for(caller, project, function, Action::FunctionRead).await?;
        let found = self.0.store.read().await?.find_version(function.id, version).await?;
        let mut found = found.ok_or_else(|| no_version(&function.name, version))?;
        if found.preparation == Preparation::Preparing && !wait.is_zero() {
            self.0.progress.ended(found.id, wait).await;
            let again = self.0.store.read().await?.find_version(function.id, version).await?;
            found = again.ok_or_else(|| no_version(&function.name, version))?;
        }
        let live = self.0.store.read().await?.find_live_deployment(function.id).await?;
        Ok(self.version(found, live.as_ref()))
    }

    /// The component of a version.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Unavailable`] if the blob store does not answer.
    pub async fn open_component(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        version: VersionNumber,
    ) -> Result<Component, Error> {
        let function = self.function_for(caller, project, function, Action::FunctionRead).await?;
        let found = self.0.store.read().await?.find_version(function.id, version).await?;
        let digest = found.ok_or_else(|| no_version(&function.name, version))?.component;
        let blob = self.0.blobs.get_stream(&format!("{COMPONENTS}/{digest}")).await?;
        let blob = blob.ok_or_else(|| Error::internal("opening a component")("it is missing from the blob store"))?;
        Ok(Component { digest, bytes: blob.bytes, stream: blob.stream.map_err(io::Error::other).boxed() })
    }

    /// Deletes a version that no deployment names.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Conflict`] `version-deployed`.
    pub async fn delete_version(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        version: VersionNumber,
    ) -> Result<(), Error> {
        let found = self.function_for(caller, project, function, Action::VersionDelete).await?;
        let id = found.id;
        let deletion: VersionDeletion = self
            .0
            .store
            .write(move |transaction| {
                Box::pin(async move { Ok::<_, Error>(transaction.delete_version(id, version).await?) })
            })
            .await?;
        match deletion {
            VersionDeletion::Deleted => {
                self.0.routing.forget_version(project, function, version).await;
                Ok(())
            }
            VersionDeletion::Missing => Err(no_version(function, version)),
            VersionDeletion::Deployed => {
                let detail = format!("{version} of {function} is part of a deployment, which may be rolled back to");
                Err(Error::conflict("version-deployed", detail))
            }
        }
    }

    /// A version as callers see it.
    fn version(&self, version: store::Version, live: Option<&store::Deployment>) -> Version {
        let in_split =
            |live: &store::Deployment| live.spec.split.parts().iter().any(|part| part.version == version.number);
        let (state, step) = match version.preparation.state() {
            VersionState::Preparing => (VersionState::Preparing, self.0.progress.step(version.id)),
            ended => (ended, None),
        };
        let (verdict, failure) = match version.preparation {
            Preparation::Preparing => (None, None),
            Preparation::Ready(verdict) => (Some(verdict), None),
            Preparation::Failed(failure) => (None, Some(failure)),
        };
        Version {
            id: version.id,
            number: version.number,
            state,
            step,
            component: version.component,
            component_bytes: version.component_bytes,
            configuration: version.configuration,
            verdict,
            failure,
            message: version.message,
            created_by: version.created_by.to_string(),
            source: version.source,
            created_at: version.created_at_us,
            live: live.is_some_and(in_split),
        }
    }
}

/// Says that a function has no version of that number.
pub(crate) fn no_version(function: &FunctionName, number: VersionNumber) -> Error {
    Error::not_found(format!("version {number} of {function}"))
}

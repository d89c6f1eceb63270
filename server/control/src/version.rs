//! Versions: uploading, preparing, reading and deleting them.

use std::{io, time::Duration};

use bytes::Bytes;
use domain::{
    Configuration, Digest, Failure, FunctionName, Message, ProjectName, Timestamp, Verdict, VersionNumber,
    VersionState, id::VersionId, version::Source,
};
use futures::{Stream, stream::BoxStream};

use crate::{Caller, Control, Error, Page, PageQuery};

/// A component with its configuration: immutable but for its state.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// Its id.
    pub id: VersionId,
    /// Its number within the function.
    pub number: VersionNumber,
    /// Where it stands.
    pub state: VersionState,
    /// While it is being prepared, the step under way: `received`, `checked` or `compiled`.
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

/// What comes with an upload besides the component.
#[derive(Clone, Debug, Default)]
pub struct NewVersion {
    /// Why it is made; empty where absent.
    pub message: Option<Message>,
    /// What it runs with; that of the function's newest version where absent, else the defaults.
    pub configuration: Option<Configuration>,
    /// The digest that the component must have.
    pub expected: Option<Digest>,
    /// How many bytes the caller says will come, so that too many are refused before the first.
    pub announced_bytes: Option<u64>,
    /// Where it comes from.
    pub source: Source,
    /// Whether to create the function if there is none.
    pub create_function: bool,
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
    /// Takes a component in and starts to prepare it; answers as soon as it is stored.
    ///
    /// Not cancel safe in the sense that bytes already taken from `component` are lost; nothing is kept
    /// of an upload that does not end well.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] for the configuration or an empty
    /// component, [`Error::TooLarge`], [`Error::Truncated`] if the stream fails, [`Error::DigestMismatch`].
    pub async fn create_version(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        new: NewVersion,
        component: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<Version, Error> {
        todo!()
    }

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
        todo!()
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
        todo!()
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
        todo!()
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
        todo!()
    }
}

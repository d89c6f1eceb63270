//! Functions.

use std::{fmt, str::FromStr};

use domain::{FunctionName, Invalid, Message, ProjectName, Timestamp, VersionNumber, id::FunctionId};

use crate::{Caller, Control, Deployment, Error, Page, PageQuery};

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
        todo!()
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
        todo!()
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
        todo!()
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
        todo!()
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
        todo!()
    }
}

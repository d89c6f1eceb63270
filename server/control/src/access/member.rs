//! The people of a project.

use domain::{Email, Label, ProjectName, Role, Timestamp, id::PersonId};
use secrecy::SecretString;

use crate::{Caller, Control, Error, Page, PageQuery};

/// A person in a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub id: PersonId,
    /// Their address.
    pub email: Email,
    /// Their name.
    pub name: Label,
    /// What they are in the project.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
}

/// How a person came, or will come, into a project.
#[derive(Debug)]
pub enum Added {
    /// They had an account and are a member now.
    Joined,
    /// A link was made for them.
    Invited {
        /// What stands after `/join?token=`.
        token: SecretString,
        /// When it ends.
        expires_at: Timestamp,
    },
}

impl Control {
    /// The members of `project`, longest first.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Invalid`] for the cursor.
    pub async fn list_members(
        &self,
        caller: &Caller,
        project: &ProjectName,
        query: &PageQuery,
    ) -> Result<Page<Member>, Error> {
        todo!()
    }

    /// Lets a person into `project`: at once if they have an account, else by a link.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Conflict`] `already-member`.
    pub async fn add_member(
        &self,
        caller: &Caller,
        project: &ProjectName,
        email: Email,
        role: Role,
    ) -> Result<Added, Error> {
        todo!()
    }

    /// Changes what a member is.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Conflict`] `last-owner`.
    pub async fn change_member(
        &self,
        caller: &Caller,
        project: &ProjectName,
        member: PersonId,
        role: Role,
    ) -> Result<Member, Error> {
        todo!()
    }

    /// Removes a member. Each member may remove themselves.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Conflict`] `last-owner`.
    pub async fn remove_member(&self, caller: &Caller, project: &ProjectName, member: PersonId) -> Result<(), Error> {
        todo!()
    }
}

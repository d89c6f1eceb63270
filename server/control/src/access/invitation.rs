//! Links that let one person in, once; the set-up link is the first of them.

use domain::{Email, Label, ProjectName, Role, Timestamp};
use secrecy::SecretString;

use crate::{Control, Error, SignedIn};

/// The secret of the set-up link, which makes the first owner.
#[derive(Debug)]
pub struct SetUpLink {
    /// What stands after `/set-up?token=`: 64 hexadecimal digits.
    pub token: SecretString,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What an invitation leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationPreview {
    /// The invited address; absent for the set-up link.
    pub email: Option<Email>,
    /// The project that the person joins; absent for the set-up link.
    pub project: Option<ProjectName>,
    /// What they will be in it.
    pub role: Role,
    /// When the link ends.
    pub expires_at: Timestamp,
}

impl InvitationPreview {
    /// Whether this is the set-up link, which makes the first owner.
    #[must_use]
    pub const fn is_set_up(&self) -> bool {
        self.project.is_none()
    }
}

/// Accepts an invitation.
#[derive(Debug)]
pub struct Accept {
    /// The secret of the link.
    pub token: SecretString,
    /// The person's name.
    pub name: Label,
    /// Their address; for an invitation the invited one.
    pub email: Email,
    /// Their password: 12 to 200 characters.
    pub password: SecretString,
    /// For the set-up link, the first project's name; `demo` where absent.
    pub project: Option<ProjectName>,
}

impl Control {
    /// Whether the platform still waits for its first owner.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store does not answer.
    pub async fn set_up_open(&self) -> Result<bool, Error> {
        todo!()
    }

    /// A new set-up link while there is no person; older ones end. Called once at each start.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store does not answer.
    pub async fn set_up_link(&self) -> Result<Option<SetUpLink>, Error> {
        todo!()
    }

    /// What the invitation of `token` leads to.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if it is unknown, used, voided or over.
    pub async fn preview_invitation(&self, token: &SecretString) -> Result<InvitationPreview, Error> {
        todo!()
    }

    /// Accepts an invitation: makes the person, joins the project (the set-up link makes it), signs in.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if the invitation is unknown, used, voided or over; [`Error::Invalid`] for the
    /// password or another address than the invited one; [`Error::Conflict`] `name-taken` if the
    /// address or the project's name is.
    pub async fn accept_invitation(&self, accept: Accept) -> Result<SignedIn, Error> {
        todo!()
    }
}

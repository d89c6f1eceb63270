//! Links that let one person in, once; the set-up link is the first of them.

use domain::{Email, Label, ProjectName, Role, Timestamp, id::ProjectId};
use secrecy::SecretString;
use store::{Grant, Transaction};

use super::secret;
use crate::{Control, Error, SignedIn, project::insert_project};

/// How long the set-up link lasts, unless the server starts again: a day.
const SET_UP_SECONDS: i64 = 24 * 3_600;

/// How long an invitation lasts: a week.
const INVITATION_SECONDS: i64 = 7 * 24 * 3_600;

/// What the first project is called where its owner does not say.
const FIRST_PROJECT: &str = "demo";

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
        Ok(self.0.store.read().await?.count_people().await? == 0)
    }

    /// A new set-up link while there is no person; older ones end. Called once at each start.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store does not answer.
    pub async fn set_up_link(&self) -> Result<Option<SetUpLink>, Error> {
        let (invitation, token) = self.new_invitation(Grant::SetUp, SET_UP_SECONDS);
        let expires_at = invitation.expires_at_us;
        let open: bool = self
            .0
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    transaction.delete_set_up_invitations().await?;
                    let open = transaction.count_people().await? == 0;
                    if open {
                        transaction.insert_invitation(&invitation).await?;
                    }
                    Ok::<_, Error>(open)
                })
            })
            .await?;
        Ok(open.then_some(SetUpLink { token, expires_at }))
    }

    /// A new invitation, yet to be stored, and the secret of its link.
    fn new_invitation(&self, grant: Grant, seconds: i64) -> (store::Invitation, SecretString) {
        let token = secret::fresh(&self.0.ids);
        let now = self.0.ids.now();
        let invitation = store::Invitation {
            id: self.0.ids.next(),
            secret_hash: secret::digest(&token),
            grant,
            created_at_us: now,
            expires_at_us: now.plus_seconds(seconds),
            consumed_at_us: None,
        };
        (invitation, token)
    }

    /// A new invitation into a project, yet to be stored, and the secret of its link.
    pub(super) fn invite(&self, project: ProjectId, email: Email, role: Role) -> (store::Invitation, SecretString) {
        self.new_invitation(Grant::Join { project_id: project, email, role }, INVITATION_SECONDS)
    }

    /// The invitation of `token`, if it can still be used.
    async fn find_invitation(&self, token: &SecretString) -> Result<store::Invitation, Error> {
        let gone = || Error::not_found("such invitation any more");
        if !secret::is_fresh(token) {
            return Err(gone());
        }
        let found = self.0.store.read().await?.find_invitation(&secret::digest(token)).await?;
        let usable = |it: &store::Invitation| it.consumed_at_us.is_none() && it.expires_at_us > self.0.ids.now();
        found.filter(usable).ok_or_else(gone)
    }

    /// What the invitation of `token` leads to.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if it is unknown, used, voided or over.
    pub async fn preview_invitation(&self, token: &SecretString) -> Result<InvitationPreview, Error> {
        let invitation = self.find_invitation(token).await?;
        let expires_at = invitation.expires_at_us;
        match invitation.grant {
            Grant::SetUp => Ok(InvitationPreview { email: None, project: None, role: Role::Owner, expires_at }),
            Grant::Join { project_id, email, role } => {
                let project = self.0.store.read().await?.find_project(project_id).await?;
                let project = project.ok_or_else(|| Error::not_found("such project any more"))?;
                Ok(InvitationPreview { email: Some(email), project: Some(project.name), role, expires_at })
            }
        }
    }

    /// Accepts an invitation: makes the person, joins the project (the set-up link makes it), signs in.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if the invitation is unknown, used, voided or over; [`Error::Invalid`] for the
    /// password or another address than the invited one; [`Error::Conflict`] `name-taken` if the
    /// address or the project's name is.
    pub async fn accept_invitation(&self, accept: Accept) -> Result<SignedIn, Error> {
        let invitation = self.find_invitation(&accept.token).await?;
        if let Grant::Join { email, .. } = &invitation.grant
            && *email != accept.email
        {
            return Err(Error::invalid("email", "is not the address that was invited; use that one"));
        }
        let project = match accept.project {
            Some(project) => project,
            None => FIRST_PROJECT.parse()?,
        };
        let password_hash = self.0.passwords.hash(accept.password).await?;
        let now = self.0.ids.now();
        let person =
            store::Person { id: self.0.ids.next(), email: accept.email, name: accept.name, created_at_us: now };
        let project = self.new_project(project);
        let (session, secret) = self.open_session(person.id);
        self.0
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    let first = transaction.count_people().await? == 0;
                    let usable = transaction.consume_invitation(invitation.id, now).await?;
                    if !usable || (invitation.grant == Grant::SetUp && !first) {
                        return Err(Error::not_found("such invitation any more"));
                    }
                    insert_person(transaction, &person, &password_hash).await?;
                    let (project, role) = match invitation.grant {
                        Grant::Join { project_id, role, .. } => (project_id, role),
                        Grant::SetUp => {
                            insert_project(transaction, &project).await?;
                            (project.id, Role::Owner)
                        }
                    };
                    transaction.upsert_member(project, person.id, role, now).await?;
                    Ok(transaction.insert_session(&session).await?)
                })
            })
            .await?;
        self.signed_in(secret).await
    }
}

async fn insert_person(
    transaction: &mut Transaction,
    person: &store::Person,
    password_hash: &str,
) -> Result<(), Error> {
    match transaction.insert_person(person, password_hash).await {
        Err(store::Error::Duplicate) => {
            let detail = format!("{} has an account already; sign in, or ask to be added again", person.email);
            Err(Error::conflict("name-taken", detail))
        }
        other => Ok(other?),
    }
}

//! The people of a project.

use domain::{
    Action, Email, Label, ProjectName, Role, Timestamp,
    id::{PersonId, ProjectId},
};
use secrecy::SecretString;
use store::Transaction;

use crate::{Caller, Control, Error, Page, PageQuery, Principal};

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
        let project = caller.require(project, Action::ProjectRead)?.project;
        let members = self.0.store.read().await?.list_members(project, query.after()?, query.limit()).await?;
        Ok(Page::of(members))
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
        let project = caller.require(project, Action::MemberManage)?.project;
        let (invitation, token) = self.invite(project, email.clone(), role);
        let (now, expires_at) = (invitation.created_at_us, invitation.expires_at_us);
        let joined = self
            .0
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    let Some(person) = transaction.find_person_by_email(&email).await? else {
                        transaction.delete_expired_invitations(now).await?;
                        transaction.insert_invitation(&invitation).await?;
                        return Ok(false);
                    };
                    if let Some(role) = transaction.find_role(project, person.id).await? {
                        let detail = format!("{email} is a member already, as {role}; change the role instead");
                        return Err(Error::conflict("already-member", detail));
                    }
                    let most = Caller::MAX_PROJECTS;
                    if transaction.list_projects_of(person.id, None, most).await?.items.len() >= most as usize {
                        let detail = format!("{email} is in {most} projects, which is the most");
                        return Err(Error::conflict("too-many-projects", detail));
                    }
                    transaction.upsert_member(project, person.id, role, now).await?;
                    Ok(true)
                })
            })
            .await?;
        Ok(if joined { Added::Joined } else { Added::Invited { token, expires_at } })
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
        let project = caller.require(project, Action::MemberManage)?.project;
        self.0
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    keep_an_owner(transaction, project, member, Some(role)).await?;
                    transaction.update_member(project, member, role).await?;
                    let found = transaction.find_member(project, member).await?;
                    found.map(Member::from).ok_or_else(|| no_member(member))
                })
            })
            .await
    }

    /// Removes a member. Each member may remove themselves.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Conflict`] `last-owner`.
    pub async fn remove_member(&self, caller: &Caller, project: &ProjectName, member: PersonId) -> Result<(), Error> {
        let own = matches!(caller.principal, Principal::Person { id, .. } if id == member);
        let needed = if own { Action::ProjectRead } else { Action::MemberManage };
        let project = caller.require(project, needed)?.project;
        self.0
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    keep_an_owner(transaction, project, member, None).await?;
                    transaction.delete_member(project, member).await?;
                    Ok(())
                })
            })
            .await
    }
}

/// Checks that `project` keeps an owner if `member` becomes `role`, or leaves.
async fn keep_an_owner(
    transaction: &mut Transaction,
    project: ProjectId,
    member: PersonId,
    role: Option<Role>,
) -> Result<(), Error> {
    transaction.lock_project(project).await?;
    let now = transaction.find_role(project, member).await?.ok_or_else(|| no_member(member))?;
    let last = now == Role::Owner && role != Some(Role::Owner) && transaction.count_owners(project).await? == 1;
    if last {
        let detail = "this is the project's last owner; make another member an owner first";
        return Err(Error::conflict("last-owner", detail));
    }
    Ok(())
}

fn no_member(member: PersonId) -> Error {
    Error::not_found(format!("member {member}"))
}

impl From<store::Member> for Member {
    fn from(member: store::Member) -> Self {
        let store::Member { person, role, created_at_us } = member;
        Self { id: person.id, email: person.email, name: person.name, role, created_at: created_at_us }
    }
}

//! A project's tokens and members.

use wire::{AddMember, ChangeMember, CreateToken, CreatedToken, Invitation, Member, Page, Role, Token};

use super::{Api, Reply, encoded, project_path};

impl Api {
    /// Reads a project's tokens.
    pub(crate) fn list_tokens(self, project: &str, pages: u32) -> Reply<Page<Token>> {
        self.get_list(format!("{}/tokens", project_path(project)), pages)
    }

    /// Creates a token. Its secret is in the answer and nowhere else.
    pub(crate) fn create_token(self, project: &str, body: &CreateToken) -> Reply<CreatedToken> {
        self.post(format!("{}/tokens", project_path(project)), body)
    }

    /// Revokes a token at once.
    pub(crate) fn delete_token(self, project: &str, id: &str) -> Reply<()> {
        self.delete(format!("{}/tokens/{}", project_path(project), encoded(id)))
    }

    /// Reads a project's members.
    pub(crate) fn list_members(self, project: &str, pages: u32) -> Reply<Page<Member>> {
        self.get_list(format!("{}/members", project_path(project)), pages)
    }

    /// Lets a person into a project.
    pub(crate) fn add_member(self, project: &str, body: &AddMember) -> Reply<Invitation> {
        self.post(format!("{}/members", project_path(project)), body)
    }

    /// Changes what a member is.
    pub(crate) fn change_member(self, project: &str, id: &str, role: Role) -> Reply<Member> {
        self.patch(format!("{}/members/{}", project_path(project), encoded(id)), &ChangeMember { role })
    }

    /// Takes a member out of a project.
    pub(crate) fn delete_member(self, project: &str, id: &str) -> Reply<()> {
        self.delete(format!("{}/members/{}", project_path(project), encoded(id)))
    }
}

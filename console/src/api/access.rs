//! A project's tokens and members.

use wire::{AddMember, ChangeMember, CreateToken, CreatedToken, Invitation, Member, Page, Role, Token};

use super::{Api, Error, encoded, project_path};

impl Api {
    /// Reads a project's tokens.
    pub(crate) async fn list_tokens(self, project: &str, pages: u32) -> Result<Page<Token>, Error> {
        self.get_list(&format!("{}/tokens", project_path(project)), pages).await
    }

    /// Creates a token. Its secret is in the answer and nowhere else.
    pub(crate) async fn create_token(self, project: &str, body: &CreateToken) -> Result<CreatedToken, Error> {
        self.post(&format!("{}/tokens", project_path(project)), body).await
    }

    /// Revokes a token at once.
    pub(crate) async fn delete_token(self, project: &str, id: &str) -> Result<(), Error> {
        self.delete(&format!("{}/tokens/{}", project_path(project), encoded(id))).await
    }

    /// Reads a project's members.
    pub(crate) async fn list_members(self, project: &str, pages: u32) -> Result<Page<Member>, Error> {
        self.get_list(&format!("{}/members", project_path(project)), pages).await
    }

    /// Lets a person into a project.
    pub(crate) async fn add_member(self, project: &str, body: &AddMember) -> Result<Invitation, Error> {
        self.post(&format!("{}/members", project_path(project)), body).await
    }

    /// Changes what a member is.
    pub(crate) async fn change_member(self, project: &str, id: &str, role: Role) -> Result<Member, Error> {
        self.patch(&format!("{}/members/{}", project_path(project), encoded(id)), &ChangeMember { role }).await
    }

    /// Takes a member out of a project.
    pub(crate) async fn delete_member(self, project: &str, id: &str) -> Result<(), Error> {
        self.delete(&format!("{}/members/{}", project_path(project), encoded(id))).await
    }
}

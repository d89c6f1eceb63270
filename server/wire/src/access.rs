//! People, projects, members, tokens and sessions.

use domain::{Action, Ceiling, Role, Timestamp};
use serde::{Deserialize, Serialize};

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Project {
    /// Its id, `prj_…`.
    pub id: String,
    /// Its name, which is the first label of its host.
    pub name: String,
    /// Where its functions answer, such as `http://demo.localhost:8080`.
    pub url: String,
    /// What the caller is in it; absent for tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// When it was created.
    pub created_at_us: Timestamp,
    /// The most that the limits of its versions may be.
    pub ceiling: Ceiling,
}

/// Asks to change a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateProject {
    /// What is to change of its ceiling. Versions keep the limits that they were taken with; how much the
    /// project runs at once changes at once.
    pub ceiling: Ceiling,
}

/// Asks for a new project, owned by the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateProject {
    /// Its name: 1 to 48 of `a-z`, `0-9` and `-`, the first a letter.
    pub name: String,
}

/// A person in a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// The person's id, `usr_…`.
    pub id: String,
    /// Their address.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they are in the project.
    pub role: Role,
    /// Since when.
    pub created_at_us: Timestamp,
}

/// Asks to let a person into a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AddMember {
    /// Their address. A person who has an account joins at once; else an invitation is made.
    pub email: String,
    /// What they will be.
    pub role: Role,
}

/// Asks to change what a member is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeMember {
    /// What they will be.
    pub role: Role,
}

/// A link that lets one person in, once. Shown when it is made and never again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// The link to send to the person; absent where they had an account and are a member now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// When the link ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at_us: Option<Timestamp>,
}

/// What an invitation's link leads to, shown before it is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationPreview {
    /// Whether this is the set-up link, which makes the first owner.
    pub set_up: bool,
    /// The invited address; absent for the set-up link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The project that the person joins; absent for the set-up link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// What they will be in it.
    pub role: Role,
    /// When the link ends.
    pub expires_at_us: Timestamp,
}

/// Accepts an invitation: makes the account and signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitation {
    /// The secret of the link.
    pub token: String,
    /// The person's name: 1 to 80 bytes.
    pub name: String,
    /// Their address; for an invitation the invited one.
    pub email: String,
    /// Their password: 12 to 200 characters.
    pub password: String,
    /// For the set-up link, the first project's name; `demo` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
}

/// Signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The person's address.
    pub email: String,
    /// Their password.
    pub password: String,
}

/// A signed-in browser. The session itself travels in a cookie that scripts cannot read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// What every request that changes something must carry in `x-csrf-token`.
    pub csrf_token: String,
    /// When the session ends.
    pub expires_at_us: Timestamp,
    /// Who signed in.
    pub whoami: Whoami,
}

/// Who the caller is and where they may do what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Whoami {
    /// A person or a token.
    pub kind: WhoamiKind,
    /// The id, `usr_…` or `tok_…`.
    pub id: String,
    /// The person's or the token's name.
    pub name: String,
    /// The person's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The projects that the caller sees, by name; at most 200.
    pub projects: Vec<WhoamiProject>,
    /// When the token ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at_us: Option<Timestamp>,
}

/// What kind of caller it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum WhoamiKind {
    /// A person with a session.
    Person,
    /// A machine with a token.
    Token,
}

/// A project with what the caller may do in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WhoamiProject {
    /// The project's name.
    pub name: String,
    /// What the person is in it; absent for tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// What the caller may do.
    pub actions: Vec<Action>,
}

/// A machine's credential, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Token {
    /// Its id, `tok_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it may do.
    pub actions: Vec<Action>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at_us: Timestamp,
    /// When it ends.
    pub expires_at_us: Timestamp,
    /// When it was last used, to the minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at_us: Option<Timestamp>,
}

/// Asks for a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    /// Its name: 1 to 80 bytes.
    pub name: String,
    /// What it may do: one action or more, each of which the caller may do.
    pub actions: Vec<Action>,
    /// Seconds until it ends: 60 to 31,536,000 (a year). Default 7,776,000 (90 days).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_s: Option<u32>,
}

/// A new token with its secret, which is shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedToken {
    /// What to send as `Authorization: Bearer`: `dm_` and 64 hexadecimal digits.
    pub secret: String,
    /// The token.
    pub token: Token,
}

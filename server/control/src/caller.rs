//! Who asks, and what they may do: read afresh for every request, so that revoking works at once.

use domain::{
    Action, Ceiling, Email, Label, ProjectName, Role, Timestamp,
    id::{PersonId, ProjectId, SessionId, TokenId},
};
use subtle::ConstantTimeEq;

use crate::Error;

/// Whoever makes a request, with the projects that they see.
#[derive(Clone, Debug)]
pub struct Caller {
    pub(crate) principal: Principal,
    pub(crate) projects: Vec<Access>,
    pub(crate) expires_at: Timestamp,
    pub(crate) csrf_token: Option<String>,
}

/// A person or a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A person with a session.
    Person {
        /// Their id.
        id: PersonId,
        /// The session.
        session: SessionId,
        /// Their name.
        name: Label,
        /// Their address.
        email: Email,
    },
    /// A machine with a token.
    Token {
        /// The token's id.
        id: TokenId,
        /// The token's name.
        name: Label,
    },
}

/// A project that a caller sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The project.
    pub project: ProjectId,
    /// Its name.
    pub name: ProjectName,
    /// When it was created.
    pub created_at: Timestamp,
    /// What a person is in it; absent for tokens.
    pub role: Option<Role>,
    /// What the caller may do in it.
    pub actions: Vec<Action>,
    /// The most that its versions' limits may be.
    pub(crate) ceiling: Ceiling,
    /// Tells two states of it apart.
    pub(crate) revision: i64,
}

impl Caller {
    /// The most projects that a person may be in.
    pub(crate) const MAX_PROJECTS: u32 = 200;

    /// Who it is.
    #[must_use]
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The projects that the caller sees, by name; at most 200.
    #[must_use]
    pub fn projects(&self) -> &[Access] {
        &self.projects
    }

    /// When the session or the token ends.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// What every request of this session that changes something must carry; absent for tokens.
    #[must_use]
    pub fn csrf_token(&self) -> Option<&str> {
        self.csrf_token.as_deref()
    }

    /// The name under which records say who did it.
    #[must_use]
    pub const fn name(&self) -> &Label {
        match &self.principal {
            Principal::Person { name, .. } | Principal::Token { name, .. } => name,
        }
    }

    /// Checks the CSRF token that came with a request that changes something. Tokens need none.
    ///
    /// # Errors
    ///
    /// [`Error::Csrf`] if it is missing or not the session's.
    pub fn check_csrf(&self, presented: Option<&str>) -> Result<(), Error> {
        let Some(expected) = &self.csrf_token else { return Ok(()) };
        let equal = presented.is_some_and(|presented| presented.as_bytes().ct_eq(expected.as_bytes()).into());
        if equal { Ok(()) } else { Err(Error::Csrf) }
    }

    /// The project called `name`, if the caller may do `action` in it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if the caller does not see the project, [`Error::Forbidden`] if they may not do it.
    pub fn require(&self, name: &ProjectName, action: Action) -> Result<&Access, Error> {
        let access = self.projects.iter().find(|access| access.name == *name);
        match access {
            None => Err(Error::not_found(format!("project {name}"))),
            Some(access) if access.actions.contains(&action) => Ok(access),
            Some(_) => Err(Error::Forbidden { action }),
        }
    }

    /// The person, where it is one.
    pub(crate) const fn person(&self, what: &'static str) -> Result<PersonId, Error> {
        match self.principal {
            Principal::Person { id, .. } => Ok(id),
            Principal::Token { .. } => Err(Error::PeopleOnly { what }),
        }
    }
}

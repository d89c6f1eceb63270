//! The credentials of machines.

use domain::{Action, Label, ProjectName, Timestamp, id::TokenId};
use secrecy::SecretString;

use crate::{Caller, Control, Error, Page, PageQuery};

/// A machine's credential, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Its name.
    pub name: Label,
    /// What it may do.
    pub actions: Vec<Action>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// What a token is to be.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Its name.
    pub name: Label,
    /// What it may do: one action or more, each of which the caller may do.
    pub actions: Vec<Action>,
    /// Seconds until it ends: 60 to 31,536,000. Default 7,776,000 (90 days).
    pub expires_in_s: Option<u32>,
}

/// A new token with its secret, which is shown this once.
#[derive(Debug)]
pub struct TokenWithSecret {
    /// `dm_` and 64 hexadecimal digits.
    pub secret: SecretString,
    /// The token.
    pub token: Token,
}

impl Control {
    /// The tokens of `project`, newest first, those that are over included.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] for the cursor.
    pub async fn list_tokens(
        &self,
        caller: &Caller,
        project: &ProjectName,
        query: &PageQuery,
    ) -> Result<Page<Token>, Error> {
        todo!()
    }

    /// Makes a token for `project`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`] for an action that the caller may not do,
    /// [`Error::Invalid`] for no action or a lifetime out of bounds.
    pub async fn create_token(
        &self,
        caller: &Caller,
        project: &ProjectName,
        new: NewToken,
    ) -> Result<TokenWithSecret, Error> {
        todo!()
    }

    /// Revokes a token: the next request that carries it is refused.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn revoke_token(&self, caller: &Caller, project: &ProjectName, token: TokenId) -> Result<(), Error> {
        todo!()
    }
}

//! The credentials of machines.

use domain::{Action, Label, ProjectName, Timestamp, id::TokenId};
use secrecy::SecretString;

use super::secret;
use crate::{Caller, Control, Error, Page, PageQuery};

const MIN_SECONDS: u32 = 60;
/// A year.
const MAX_SECONDS: u32 = 31_536_000;
/// 90 days.
const DEFAULT_SECONDS: u32 = 7_776_000;

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
        let project = caller.require(project, Action::TokenManage)?.project;
        let tokens = self.0.store.read().await?.list_tokens(project, query.after()?, query.limit()).await?;
        Ok(Page::of(tokens))
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
        let access = caller.require(project, Action::TokenManage)?;
        let seconds = new.expires_in_s.unwrap_or(DEFAULT_SECONDS);
        if !(MIN_SECONDS..=MAX_SECONDS).contains(&seconds) {
            let message = format!("is {seconds}; use {MIN_SECONDS} to {MAX_SECONDS}");
            return Err(Error::invalid("expires_in_s", message));
        }
        let mut actions = new.actions;
        actions.sort_unstable();
        actions.dedup();
        if actions.is_empty() {
            return Err(Error::invalid("actions", "is empty; name one action or more"));
        }
        if let Some(action) = actions.iter().copied().find(|action| !access.actions.contains(action)) {
            return Err(Error::Forbidden { action });
        }
        let secret = secret::fresh_token(&self.0.ids);
        let now = self.0.ids.now();
        let token = store::Token {
            id: self.0.ids.next(),
            project_id: access.project,
            name: new.name,
            secret_hash: secret::digest(&secret),
            actions,
            created_by: caller.name().clone(),
            created_at_us: now,
            expires_at_us: now.plus_seconds(seconds.into()),
            last_used_at_us: None,
        };
        let stored = token.clone();
        self.0.store.write(move |transaction| Box::pin(async move { transaction.insert_token(&stored).await })).await?;
        Ok(TokenWithSecret { secret, token: token.into() })
    }

    /// Revokes a token: the next request that carries it is refused.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn revoke_token(&self, caller: &Caller, project: &ProjectName, token: TokenId) -> Result<(), Error> {
        let project = caller.require(project, Action::TokenManage)?.project;
        let revoked = self.0.store.write(move |transaction| Box::pin(transaction.delete_token(project, token))).await?;
        if revoked { Ok(()) } else { Err(Error::not_found(format!("token {token}"))) }
    }
}

impl From<store::Token> for Token {
    fn from(token: store::Token) -> Self {
        Self {
            id: token.id,
            name: token.name,
            actions: token.actions,
            created_by: token.created_by.to_string(),
            created_at: token.created_at_us,
            expires_at: token.expires_at_us,
            last_used_at: token.last_used_at_us,
        }
    }
}

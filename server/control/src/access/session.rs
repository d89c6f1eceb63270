//! Signing in and out, and telling who makes a request.

use domain::Timestamp;
use secrecy::SecretString;

use crate::{Caller, Control, Error};

/// What a request carries to say who makes it.
#[derive(Debug)]
pub enum Credential {
    /// The value of the session cookie.
    Session(SecretString),
    /// What stands after `Authorization: Bearer`.
    Token(SecretString),
}

/// A new session.
#[derive(Debug)]
pub struct SignedIn {
    /// The value of the session cookie.
    pub secret: SecretString,
    /// When the session ends.
    pub expires_at: Timestamp,
    /// Who signed in, with the session's CSRF token.
    pub caller: Caller,
}

impl Control {
    /// Signs a person in. Takes the same work whether the address is known or not.
    ///
    /// # Errors
    ///
    /// [`Error::WrongCredentials`]; [`Error::RateLimited`] after too many attempts for the address or in all.
    pub async fn sign_in(&self, email: &str, password: SecretString) -> Result<SignedIn, Error> {
        todo!()
    }

    /// Ends the caller's session. A token is left as it is.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store does not answer.
    pub async fn sign_out(&self, caller: &Caller) -> Result<(), Error> {
        todo!()
    }

    /// Tells who makes a request and what they may do. Reads the store each time, so that what was
    /// revoked works no more from the next request on.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthenticated`] if the credential is unknown, revoked or over.
    pub async fn authenticate(&self, credential: Credential) -> Result<Caller, Error> {
        todo!()
    }
}

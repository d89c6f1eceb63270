//! Signing in and out, and telling who makes a request.

use domain::{Action, Email, Timestamp, id::PersonId};
use secrecy::{ExposeSecret as _, SecretString};

use super::secret;
use crate::{Access, Caller, Control, Error, Principal};

/// How long a session lasts: two weeks.
const SESSION_SECONDS: i64 = 14 * 24 * 3_600;

/// How coarsely a token's last use is noted, in microseconds.
const LAST_USED_US: i64 = 60_000_000;

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
        let address = email.trim().to_lowercase();
        self.0.throttle.take(&address, self.0.ids.now())?;
        let stored = self.find_sign_in(address.parse().ok()).await?;
        let (person, hash) = stored.map_or((None, None), |(person, hash)| (Some(person), Some(hash)));
        let matches = self.0.passwords.verify(password, hash).await?;
        let person = person.filter(|_| matches).ok_or(Error::WrongCredentials)?;
        self.0.throttle.forgive(&address);
        let (opening, secret) = self.open_session(person);
        self.0
            .store
            .write(|transaction| {
                Box::pin(async move {
                    transaction.delete_expired_sessions(opening.created_at_us).await?;
                    transaction.insert_session(&opening).await
                })
            })
            .await?;
        self.signed_in(secret).await
    }

    /// The person with this address and the hash of their password. Asks the same of the store where
    /// there is no such person.
    async fn find_sign_in(&self, address: Option<Email>) -> Result<Option<(PersonId, String)>, Error> {
        let mut reader = self.0.store.read().await?;
        let person = match &address {
            Some(address) => reader.find_person_by_email(address).await?.map(|person| person.id),
            None => None,
        };
        let hash = reader.find_password_hash(person.unwrap_or_else(|| self.0.ids.next())).await?;
        Ok(person.zip(hash))
    }

    /// A new session of `person`, yet to be stored, and the secret of its cookie.
    pub(super) fn open_session(&self, person: PersonId) -> (store::Session, SecretString) {
        let ids = &self.0.ids;
        let secret = secret::fresh(ids);
        let now = ids.now();
        let session = store::Session {
            id: ids.next(),
            person_id: person,
            secret_hash: secret::digest(&secret),
            csrf_token: secret::fresh(ids).expose_secret().to_owned(),
            created_at_us: now,
            expires_at_us: now.plus_seconds(SESSION_SECONDS),
        };
        (session, secret)
    }

    /// What the holder of a new session's `secret` is told.
    pub(super) async fn signed_in(&self, secret: SecretString) -> Result<SignedIn, Error> {
        let caller = self.session_caller(&secret).await?;
        Ok(SignedIn { secret, expires_at: caller.expires_at, caller })
    }

    /// Ends the caller's session. A token is left as it is.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store does not answer.
    pub async fn sign_out(&self, caller: &Caller) -> Result<(), Error> {
        if let Principal::Person { session, .. } = caller.principal {
            self.0.store.write(move |transaction| Box::pin(transaction.delete_session(session))).await?;
        }
        Ok(())
    }

    /// Tells who makes a request and what they may do. Reads the store each time, so that what was
    /// revoked works no more from the next request on.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthenticated`] if the credential is unknown, revoked or over.
    pub async fn authenticate(&self, credential: Credential) -> Result<Caller, Error> {
        match credential {
            Credential::Session(secret) if secret::is_fresh(&secret) => self.session_caller(&secret).await,
            Credential::Token(secret) if secret::is_token(&secret) => self.token_caller(&secret).await,
            Credential::Session(_) | Credential::Token(_) => Err(Error::Unauthenticated),
        }
    }

    async fn session_caller(&self, secret: &SecretString) -> Result<Caller, Error> {
        let mut reader = self.0.store.read().await?;
        let found = reader.find_session(&secret::digest(secret)).await?;
        let (session, person) =
            found.filter(|(session, _)| session.expires_at_us > self.0.ids.now()).ok_or(Error::Unauthenticated)?;
        let memberships = reader.list_projects_of(person.id, None, Caller::MAX_PROJECTS).await?.items;
        let access = |membership: store::Membership| Access {
            project: membership.project.id,
            name: membership.project.name,
            created_at: membership.project.created_at_us,
            role: Some(membership.role),
            actions: Action::ALL.iter().copied().filter(|action| membership.role.permits(*action)).collect(),
            ceiling: membership.project.ceiling,
            revision: membership.project.revision,
        };
        Ok(Caller {
            principal: Principal::Person { id: person.id, session: session.id, name: person.name, email: person.email },
            projects: memberships.into_iter().map(access).collect(),
            expires_at: session.expires_at_us,
            csrf_token: Some(session.csrf_token),
        })
    }

    async fn token_caller(&self, secret: &SecretString) -> Result<Caller, Error> {
        let now = self.0.ids.now();
        let mut reader = self.0.store.read().await?;
        let found = reader.find_token(&secret::digest(secret)).await?;
        let token = found.filter(|token| token.expires_at_us > now).ok_or(Error::Unauthenticated)?;
        let project = reader.find_project(token.project_id).await?.ok_or(Error::Unauthenticated)?;
        drop(reader);
        self.note_use(&token, now);
        Ok(Caller {
            projects: vec![Access {
                project: project.id,
                name: project.name,
                created_at: project.created_at_us,
                role: None,
                actions: token.actions,
                ceiling: project.ceiling,
                revision: project.revision,
            }],
            principal: Principal::Token { id: token.id, name: token.name },
            expires_at: token.expires_at_us,
            csrf_token: None,
        })
    }

    /// Notes that a token was used, beside the request: it need not wait for that.
    fn note_use(&self, token: &store::Token, now: Timestamp) {
        if token.last_used_at_us.is_some_and(|last| last.as_us() > now.as_us() - LAST_USED_US) {
            return;
        }
        let (store, id) = (self.0.store.clone(), token.id);
        tokio::spawn(async move {
            let noted: Result<(), store::Error> =
                store.write(move |transaction| Box::pin(transaction.update_token_last_used(id, now))).await;
            if let Err(error) = noted {
                tracing::warn!(error = &error as &dyn std::error::Error, token.id = %id, "the token's last use could not be noted");
            }
        });
    }
}

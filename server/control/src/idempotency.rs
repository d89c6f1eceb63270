//! Requests that may be sent twice and happen once.

use std::str::FromStr;

use bytes::Bytes;
use domain::{Digest, Invalid};

use crate::{Caller, Control, Error, Principal};

/// How long an answer is replayed: a day.
const ANSWER_SECONDS: i64 = 24 * 3_600;

/// How long a request may take before its key is free again, so that a server that died blocks nobody for long.
const RUNNING_SECONDS: i64 = 600;

/// A client's name for one request: 1 to 128 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl FromStr for IdempotencyKey {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        if plain && (1..=128).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("idempotency-key", "is not 1 to 128 visible ASCII characters"))
        }
    }
}

/// The answer to a request, as it is replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Where the new thing is, if one was made.
    pub location: Option<String>,
    /// The body, JSON.
    pub body: Bytes,
}

/// What a key gives.
#[derive(Debug)]
pub enum Reservation {
    /// The request is new: do it, then [`Control::complete`] the ticket, or [`Control::release`] it if
    /// it failed through no fault of the caller.
    New(Ticket),
    /// It was done before, and this was the answer.
    Replay(Answer),
}

/// The right to do one request.
#[derive(Debug)]
#[must_use]
pub struct Ticket {
    scope: String,
    key: String,
}

impl Control {
    /// Asks whether a request is new. Keys are the caller's own and live for 24 hours.
    ///
    /// `request` is the digest of all that makes it this request: method, path, query and body.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] `idempotency-conflict` if the key names another request, or the first is still running.
    pub async fn reserve(&self, caller: &Caller, key: IdempotencyKey, request: Digest) -> Result<Reservation, Error> {
        let scope = match caller.principal {
            Principal::Person { id, .. } => id.to_string(),
            Principal::Token { id, .. } => id.to_string(),
        };
        let ticket = Ticket { scope: scope.clone(), key: key.0.clone() };
        let now = self.0.ids.now();
        let reserved: store::Reservation = self
            .0
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    transaction.delete_expired_idempotency(now).await?;
                    let until = now.plus_seconds(RUNNING_SECONDS);
                    transaction.reserve_idempotency(&scope, &key.0, &request, now, until).await
                })
            })
            .await?;
        let conflict = |detail: &str| Err(Error::conflict("idempotency-conflict", detail));
        match reserved {
            store::Reservation::New => Ok(Reservation::New(ticket)),
            store::Reservation::Answered(answer) => Ok(Reservation::Replay(Answer {
                status: answer.status,
                location: answer.location,
                body: answer.body.into(),
            })),
            store::Reservation::Running => conflict("the first request with this key is still running; try again"),
            store::Reservation::Other => conflict("this key was used for another request; use a new one"),
        }
    }

    /// Records the answer to replay.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store does not answer.
    pub async fn complete(&self, ticket: Ticket, answer: Answer) -> Result<(), Error> {
        let until = self.0.ids.now().plus_seconds(ANSWER_SECONDS);
        let answer = store::Answer {
            status: answer.status,
            location: answer.location,
            body: String::from_utf8_lossy(&answer.body).into_owned(),
        };
        let Ticket { scope, key } = ticket;
        self.0
            .store
            .write(move |transaction| {
                Box::pin(async move { transaction.complete_idempotency(&scope, &key, &answer, until).await })
            })
            .await
            .map_err(store::Error::into)
    }

    /// Gives the key back, so that the request may be sent again.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store does not answer.
    pub async fn release(&self, ticket: Ticket) -> Result<(), Error> {
        let Ticket { scope, key } = ticket;
        self.0
            .store
            .write(move |transaction| Box::pin(async move { transaction.release_idempotency(&scope, &key).await }))
            .await
            .map_err(store::Error::into)
    }
}

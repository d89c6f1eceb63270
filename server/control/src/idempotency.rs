//! Requests that may be sent twice and happen once.

use std::str::FromStr;

use bytes::Bytes;
use domain::{Digest, Invalid};

use crate::{Caller, Control, Error};

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
pub struct Ticket {}

impl Control {
    /// Asks whether a request is new. Keys are the caller's own and live for 24 hours.
    ///
    /// `request` is the digest of all that makes it this request: method, path, query and body.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] `idempotency-conflict` if the key names another request, or the first is still running.
    pub async fn reserve(&self, caller: &Caller, key: IdempotencyKey, request: Digest) -> Result<Reservation, Error> {
        todo!()
    }

    /// Records the answer to replay.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store does not answer.
    pub async fn complete(&self, ticket: Ticket, answer: Answer) -> Result<(), Error> {
        todo!()
    }

    /// Gives the key back, so that the request may be sent again.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store does not answer.
    pub async fn release(&self, ticket: Ticket) -> Result<(), Error> {
        todo!()
    }
}

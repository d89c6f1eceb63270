//! Typed identifiers: a prefix that names the kind, and a UUID of version 7.

use std::{cmp::Ordering, fmt, hash, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::{Uuid, fmt::Simple};

use crate::Invalid;

/// What an [`Id`] identifies.
pub trait Kind: 'static {
    /// What stands before the underscore in text, such as `fn`.
    const PREFIX: &'static str;
}

/// Identifies one entity of kind `K`. Version 7, so ids sort by creation time.
///
/// As text: the kind's prefix, an underscore, and 32 lower-case hexadecimal digits.
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

impl<K: Kind> Id<K> {
    /// Builds an id from milliseconds since the epoch and ten random bytes (RFC 9562, section 5.7).
    #[must_use]
    pub fn from_parts(millis: u64, random: [u8; 10]) -> Self {
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid(), PhantomData)
    }

    /// The id as text, written into `buffer`: for where there are many, since formatting takes several times as long.
    pub fn encode<'b>(&self, buffer: &'b mut [u8; MAX_TEXT_BYTES]) -> &'b str {
        let prefix = K::PREFIX.bytes().chain(*b"_");
        let (begin, end) = (K::PREFIX.len() + 1, K::PREFIX.len() + 1 + Simple::LENGTH);
        buffer.iter_mut().zip(prefix).for_each(|(place, byte)| *place = byte);
        if let Some(digits) = buffer.get_mut(begin..end) {
            self.0.simple().encode_lower(digits);
        }
        buffer.get(..end).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
    }
}

/// The most bytes that an id has as text: prefixes have three letters at most.
pub const MAX_TEXT_BYTES: usize = 4 + Simple::LENGTH;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $alias:ident, $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $kind {}
        impl Kind for $kind {
            const PREFIX: &'static str = $prefix;
        }
        #[doc = concat!("Identifies one [`", stringify!($kind), "`].")]
        pub type $alias = Id<$kind>;
    )*};
}

kinds! {
    /// A human who signs in.
    Person, PersonId, "usr";
    /// A signed-in browser.
    Session, SessionId, "ses";
    /// A link that lets one person in, once.
    Invitation, InvitationId, "ivt";
    /// The unit of isolation and permission.
    Project, ProjectId, "prj";
    /// A machine's credential.
    Token, TokenId, "tok";
    /// A named thing that can be invoked.
    Function, FunctionId, "fn";
    /// A component with its configuration.
    Version, VersionId, "ver";
    /// A record of what a function's traffic does.
    Deployment, DeploymentId, "dep";
    /// One run of a guest export.
    Invocation, InvocationId, "inv";
    /// A named, durable line of messages.
    Queue, QueueId, "que";
    /// One message of a queue.
    Message, MessageId, "msg";
    /// Moving messages out of a dead-letter queue.
    Redrive, RedriveId, "rdr";
    /// One time at which a schedule is due.
    Slot, SlotId, "slt";
    /// One version of a secret.
    Secret, SecretId, "sec";
    /// One live WebSocket.
    Connection, ConnectionId, "con";
    /// One request to the control plane.
    Request, RequestId, "req";
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> hash::Hash for Id<K> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.encode(&mut [0; MAX_TEXT_BYTES]))
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: Kind> FromStr for Id<K> {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.strip_prefix(K::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .filter(|digits| digits.len() == 32)
            .and_then(|digits| Uuid::try_parse(digits).ok())
            .map(|uuid| Self(uuid, PhantomData))
            .ok_or_else(|| {
                let message = format!("is not an id of the form {}_ and 32 hexadecimal digits", K::PREFIX);
                Invalid::new("id", message)
            })
    }
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_text_and_no_other_kind_takes_it() {
        let id = FunctionId::from_parts(1_700_000_000_000, [7; 10]);
        let text = id.to_string();
        assert_eq!(text.parse::<FunctionId>(), Ok(id));
        assert!(text.parse::<VersionId>().is_err());
        assert!(text.to_uppercase().parse::<FunctionId>().is_err());
    }

    #[test]
    fn ids_sort_by_creation_time() {
        let earlier = FunctionId::from_parts(1, [255; 10]);
        let later = FunctionId::from_parts(2, [0; 10]);
        assert!(earlier < later && earlier.to_string() < later.to_string());
    }
}

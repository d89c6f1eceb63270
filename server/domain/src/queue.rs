//! What queues hold, within their bounds, and what becomes of a message that was handed out.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// The most messages that are sent at once, or handed out at once.
pub const MAX_BATCH: usize = 100;
/// The most bytes of the bodies that are sent at once: 1 MiB.
pub const MAX_BATCH_BYTES: usize = 1 << 20;
/// The longest wait between two attempts, and the longest delay of a message.
pub const MAX_DELAY: Duration = Duration::from_secs(15 * 60);
/// How long a deduplication key is remembered.
pub const DEDUPLICATION_WINDOW: Duration = Duration::from_secs(5 * 60);
/// The most bytes that are kept of the error of an attempt.
pub const MAX_ERROR_BYTES: usize = 1 << 10;
/// How long a queue keeps messages where nobody said: 14 days, in seconds.
pub const DEFAULT_RETENTION_S: u32 = 14 * 86_400;

/// A message that is to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewMessage {
    /// The body: at most 256 KiB.
    pub body: Vec<u8>,
    /// The body's type: 1 to 128 visible ASCII characters or spaces.
    pub content_type: String,
    /// Names and values: at most 10, names of 1 to 64 of `A-Z`, `a-z`, `0-9`, `-`, `_` and `.`, values of at
    /// most 1 KiB.
    pub attributes: BTreeMap<String, String>,
    /// Messages of one group are handed out in order, one batch at a time: 1 to 128 bytes without control
    /// characters.
    pub group: Option<String>,
    /// A message with the key of another that came within the last 5 minutes is that one: 1 to 128 bytes
    /// without control characters.
    pub deduplication_key: Option<String>,
    /// How long it is held back: at most 15 minutes, in milliseconds. A delayed message holds back its group.
    pub delay_ms: u32,
}

impl NewMessage {
    /// The most bytes of a body: 256 KiB.
    pub const MAX_BODY_BYTES: usize = 256 << 10;
    /// The most attributes.
    pub const MAX_ATTRIBUTES: usize = 10;

    /// Checks every field against its bounds.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the first field out of bounds.
    pub fn check(&self) -> Result<(), Invalid> {
        let most_delay_ms = MAX_DELAY.as_millis();
        if self.body.len() > Self::MAX_BODY_BYTES {
            let message = format!(
                "has {} bytes; a message has at most {}: store what is larger elsewhere and send where it is",
                self.body.len(),
                Self::MAX_BODY_BYTES
            );
            return Err(Invalid::new("body", message));
        }
        let readable = self.content_type.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        if !readable || !(1..=128).contains(&self.content_type.len()) {
            let message = "is not 1 to 128 visible ASCII characters; use one such as application/json";
            return Err(Invalid::new("content_type", message));
        }
        if u128::from(self.delay_ms) > most_delay_ms {
            let message = format!("is {}; use 0 to {most_delay_ms}", self.delay_ms);
            return Err(Invalid::new("delay_ms", message));
        }
        check_key("group", self.group.as_deref())?;
        check_key("deduplication_key", self.deduplication_key.as_deref())?;
        self.check_attributes()
    }

    fn check_attributes(&self) -> Result<(), Invalid> {
        const MAX_VALUE_BYTES: usize = 1 << 10;
        if self.attributes.len() > Self::MAX_ATTRIBUTES {
            let message =
                format!("has {} entries; a message has at most {}", self.attributes.len(), Self::MAX_ATTRIBUTES);
            return Err(Invalid::new("attributes", message));
        }
        for (name, value) in &self.attributes {
            let letters = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
            if !letters || !(1..=64).contains(&name.len()) {
                let message = format!("has the name {name:?}; use 1 to 64 of A-Z, a-z, 0-9, -, _ and .");
                return Err(Invalid::new("attributes", message));
            }
            if value.len() > MAX_VALUE_BYTES || value.contains('\0') {
                let message =
                    format!("has {} bytes or a zero byte; a value has at most {MAX_VALUE_BYTES}", value.len());
                return Err(Invalid::new(format!("attributes.{name}"), message));
            }
        }
        Ok(())
    }
}

fn check_key(field: &str, key: Option<&str>) -> Result<(), Invalid> {
    match key {
        Some(key) if !(1..=128).contains(&key.len()) || key.chars().any(char::is_control) => {
            let message = format!("has {} bytes or a control character; use 1 to 128 bytes of plain text", key.len());
            Err(Invalid::new(field, message))
        }
        _ => Ok(()),
    }
}

/// Checks the messages of one send against the bounds of each and of all together.
///
/// # Errors
///
/// [`Invalid`] that names the first field out of bounds, such as `messages[3].body`.
pub fn check_batch(messages: &[NewMessage]) -> Result<(), Invalid> {
    if messages.is_empty() || messages.len() > MAX_BATCH {
        let message = format!("has {} messages; send 1 to {MAX_BATCH} at once", messages.len());
        return Err(Invalid::new("messages", message));
    }
    for (index, message) in messages.iter().enumerate() {
        message.check().map_err(|invalid| match messages.len() {
            1 => invalid,
            _ => invalid.within(&format!("messages[{index}]")),
        })?;
    }
    let bytes: usize = messages.iter().map(|message| message.body.len()).sum();
    if bytes > MAX_BATCH_BYTES {
        let message = format!("have bodies of {bytes} bytes; send at most {MAX_BATCH_BYTES} at once");
        return Err(Invalid::new("messages", message));
    }
    Ok(())
}

/// Checks how long a queue keeps messages: a minute to 14 days.
///
/// # Errors
///
/// [`Invalid`] for `retention_s`.
pub fn check_retention(retention_s: u32) -> Result<(), Invalid> {
    if (60..=DEFAULT_RETENTION_S).contains(&retention_s) {
        Ok(())
    } else {
        Err(Invalid::new("retention_s", format!("is {retention_s}; use 60 to {DEFAULT_RETENTION_S} (14 days)")))
    }
}

/// What becomes of a message that was handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// It is done and gone.
    Ack,
    /// It is handed out again, or moves to the dead-letter queue after its last attempt.
    Retry {
        /// When; as [`backoff`] says where absent.
        after: Option<Duration>,
        /// Why.
        error: String,
    },
    /// It is handed out again at once, as if it had not been: nobody was asked about it.
    Release,
    /// It moves to the dead-letter queue at once.
    Dead {
        /// Why.
        error: String,
    },
}

/// The wait before the next attempt after `receives` ones: 1 s, twice as long each time, 20 % more or less as
/// `draw` falls, at most 15 minutes.
#[must_use]
pub fn backoff(receives: u32, draw: u16) -> Duration {
    const FIRST_MS: u64 = 1_000;
    let doublings = receives.saturating_sub(1).min(20);
    let most = MAX_DELAY.as_millis() as u64;
    let whole = (FIRST_MS << doublings).min(most);
    // 0.8 at a draw of 0, 1.2 at the highest.
    let jittered = whole * 4 / 5 + whole * 2 / 5 * u64::from(draw) / u64::from(u16::MAX);
    Duration::from_millis(jittered.min(most))
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum MessageState {
    /// It may be handed out.
    Ready,
    /// It is held back by its delay or until its next attempt.
    Delayed,
    /// It was handed out, and its lease lasts.
    InFlight,
}

/// How far a redrive has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RedriveState {
    /// It moves messages.
    Running,
    /// Someone stopped it; what it moved stays moved.
    Stopped,
    /// It has come to its end.
    Done,
}

impl RedriveState {
    /// The name as clients and the database spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Done => "done",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> NewMessage {
        NewMessage { content_type: "text/plain".to_owned(), ..NewMessage::default() }
    }

    #[test]
    fn a_message_at_its_bounds_passes_and_one_beyond_names_its_field() {
        let most = NewMessage {
            body: vec![0; 256 << 10],
            attributes: (0..10).map(|n| (format!("a{n}"), "v".repeat(1_024))).collect(),
            group: Some("g".repeat(128)),
            deduplication_key: Some("k".repeat(128)),
            delay_ms: 900_000,
            ..plain()
        };
        assert_eq!(most.check(), Ok(()));
        let field = |message: NewMessage| message.check().err().map(|invalid| invalid.field);
        assert_eq!(field(NewMessage { body: vec![0; (256 << 10) + 1], ..plain() }).as_deref(), Some("body"));
        assert_eq!(field(NewMessage { content_type: String::new(), ..plain() }).as_deref(), Some("content_type"));
        assert_eq!(field(NewMessage { delay_ms: 900_001, ..plain() }).as_deref(), Some("delay_ms"));
        assert_eq!(field(NewMessage { group: Some(String::new()), ..plain() }).as_deref(), Some("group"));
        let attributes = (0..11).map(|n| (format!("a{n}"), String::new())).collect();
        assert_eq!(field(NewMessage { attributes, ..plain() }).as_deref(), Some("attributes"));
    }

    #[test]
    fn a_batch_is_held_to_its_number_and_its_bytes_and_names_the_message() {
        assert!(check_batch(&[]).is_err());
        assert_eq!(check_batch(&vec![plain(); 100]), Ok(()));
        assert!(check_batch(&vec![plain(); 101]).is_err());
        let large = NewMessage { body: vec![0; 256 << 10], ..plain() };
        assert_eq!(check_batch(&vec![large.clone(); 4]), Ok(()));
        assert!(check_batch(&vec![large; 5]).is_err_and(|invalid| invalid.message.contains("1048576")));
        let bad = NewMessage { delay_ms: u32::MAX, ..plain() };
        assert!(check_batch(&[plain(), bad]).is_err_and(|invalid| invalid.field == "messages[1].delay_ms"));
    }

    #[test]
    fn the_wait_doubles_within_a_fifth_and_ends_at_a_quarter_of_an_hour() {
        for (receives, whole_ms) in [(1, 1_000), (2, 2_000), (5, 16_000), (10, 512_000)] {
            assert_eq!(backoff(receives, 0), Duration::from_millis(whole_ms * 4 / 5));
            assert_eq!(backoff(receives, u16::MAX), Duration::from_millis(whole_ms * 6 / 5));
        }
        assert_eq!(backoff(11, u16::MAX), MAX_DELAY);
        assert_eq!(backoff(u32::MAX, u16::MAX), MAX_DELAY);
        assert!(backoff(u32::MAX, 0) < MAX_DELAY);
        assert_eq!(backoff(0, 0), backoff(1, 0));
    }
}

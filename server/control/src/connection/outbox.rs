//! What waits to be sent to one client.

use std::collections::VecDeque;

use super::{Content, Unreachable};

/// Something that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// A message.
    Message(Content),
    /// The closing frame: nothing comes after it.
    Close(Closing),
}

/// How a connection is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The code of the closing frame (RFC 6455, section 7.4).
    pub code: u16,
    /// Its reason: at most [`domain::connection::MAX_REASON_BYTES`].
    pub reason: String,
    /// Why, for those who count.
    pub cause: CloseCause,
}

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCause {
    /// The client closed it.
    Client,
    /// The client went away without a word.
    Lost,
    /// A guest closed it.
    Guest,
    /// Somebody closed it through the API.
    Api,
    /// Nothing passed for as long as may be.
    Idle,
    /// The client does not read what is sent to it.
    SlowReader,
    /// A message was larger than may be.
    TooLarge,
    /// The client broke the protocol.
    Protocol,
    /// The client sends control frames and nothing else.
    Flood,
    /// The guest failed.
    Failed,
    /// The function had no place for the message for as long as it may wait.
    Busy,
    /// The function is gone.
    Removed,
    /// The server stops.
    Shutdown,
}

impl CloseCause {
    /// The word in metrics, log lines and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Lost => "lost",
            Self::Guest => "guest",
            Self::Api => "api",
            Self::Idle => "idle",
            Self::SlowReader => "slow-reader",
            Self::TooLarge => "too-large",
            Self::Protocol => "protocol",
            Self::Flood => "flood",
            Self::Failed => "failed",
            Self::Busy => "busy",
            Self::Removed => "removed",
            Self::Shutdown => "shutdown",
        }
    }
}

/// Messages in the order in which they were sent, and how the connection is to end.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: VecDeque<Content>,
    /// The bytes of those that wait and of those that are being sent.
    waiting_bytes: usize,
    closing: Option<Closing>,
    /// Whether the closing frame was taken: nothing more is given out.
    closed: bool,
}

impl Outbox {
    /// Adds a message. One may be larger than `most` by itself; more may not wait.
    pub(super) fn push(&mut self, content: Content, most: usize) -> Result<(), Unreachable> {
        if let Some(closing) = &self.closing {
            return Err(match closing.cause {
                CloseCause::SlowReader => Unreachable::TooSlow,
                _ => Unreachable::Gone,
            });
        }
        // An empty message takes memory, too.
        let bytes = content.bytes.len().max(1);
        if self.waiting_bytes > 0 && self.waiting_bytes.saturating_add(bytes) > most {
            self.waiting.clear();
            let reason = "the client does not read what is sent to it".to_owned();
            self.closing = Some(Closing { code: 1_013, reason, cause: CloseCause::SlowReader });
            return Err(Unreachable::TooSlow);
        }
        self.waiting_bytes = self.waiting_bytes.saturating_add(bytes);
        self.waiting.push_back(content);
        Ok(())
    }

    /// Notes how the connection is to end, unless that is known.
    pub(super) fn close(&mut self, closing: Closing) {
        self.closing.get_or_insert(closing);
    }

    /// How the connection is to end, once that is known.
    pub(super) const fn closing(&self) -> Option<&Closing> {
        self.closing.as_ref()
    }

    /// Takes what comes next.
    pub(super) fn next(&mut self) -> Option<Waiting> {
        if let Some(content) = self.waiting.pop_front() {
            if self.waiting.is_empty() {
                // A burst is over: its room is given back.
                self.waiting = VecDeque::new();
            }
            return Some(Waiting::Message(content));
        }
        if self.closed {
            return None;
        }
        let closing = self.closing.clone()?;
        self.closed = true;
        Some(Waiting::Close(closing))
    }

    /// Notes that a message of `bytes` waits no more.
    pub(super) fn sent(&mut self, bytes: usize) {
        self.waiting_bytes = self.waiting_bytes.saturating_sub(bytes.max(1));
    }

    pub(super) const fn waiting_bytes(&self) -> usize {
        self.waiting_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: usize) -> Content {
        Content::binary(vec![0; bytes])
    }

    #[test]
    fn messages_come_in_order_and_the_end_after_them() {
        let mut outbox = Outbox::default();
        outbox.push(message(1), 10).unwrap();
        outbox.push(message(2), 10).unwrap();
        let closing = Closing { code: 1_000, reason: String::new(), cause: CloseCause::Guest };
        outbox.close(closing.clone());
        outbox.close(Closing { code: 1_001, ..closing.clone() });
        assert_eq!(outbox.push(message(1), 10), Err(Unreachable::Gone));
        let all = [outbox.next(), outbox.next(), outbox.next(), outbox.next()];
        let expected = [
            Some(Waiting::Message(message(1))),
            Some(Waiting::Message(message(2))),
            Some(Waiting::Close(closing)),
            None,
        ];
        assert_eq!(all, expected);
    }

    #[test]
    fn what_waits_is_bounded_but_for_one_message_alone() {
        let mut outbox = Outbox::default();
        outbox.push(message(50), 10).unwrap();
        assert!(outbox.next().is_some());
        // It is being sent and counts as waiting.
        assert_eq!(outbox.push(message(1), 10), Err(Unreachable::TooSlow));
        assert_eq!(outbox.push(message(1), 10), Err(Unreachable::TooSlow));
        let end = outbox.next();
        assert!(
            matches!(end, Some(Waiting::Close(Closing { code: 1_013, cause: CloseCause::SlowReader, .. }))),
            "{end:?}"
        );
    }

    #[test]
    fn what_was_sent_makes_room() {
        let mut outbox = Outbox::default();
        for _ in 0..100 {
            outbox.push(message(10), 10).unwrap();
            assert!(outbox.next().is_some());
            outbox.sent(10);
        }
        assert_eq!(outbox.waiting_bytes(), 0);
    }
}

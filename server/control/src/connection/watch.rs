//! Watching what passes over a connection.

use bytes::Bytes;
use domain::Timestamp;
use tokio::sync::broadcast;

use super::Content;

/// The most of a message that watchers are shown: 4 KiB.
const SHOWN_BYTES: usize = 4 << 10;
/// How many messages may wait for a slow watcher; older ones are passed over.
const WAITING: usize = 256;

/// A message that passed while somebody watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// When.
    pub at: Timestamp,
    /// Whether it went to the client.
    pub is_out: bool,
    /// Whether it was a text message.
    pub is_text: bool,
    /// How many bytes it had.
    pub bytes: u64,
    /// Its first bytes: at most 4 KiB.
    pub beginning: Bytes,
}

/// Who watches. Costs nothing while nobody does.
#[derive(Debug, Default)]
pub(super) struct Watchers(Option<broadcast::Sender<Passed>>);

impl Watchers {
    /// One more. It hears of what passes from now on.
    pub(super) fn add(&mut self) -> broadcast::Receiver<Passed> {
        self.0.get_or_insert_with(|| broadcast::Sender::new(WAITING)).subscribe()
    }

    /// Tells all of a message.
    pub(super) fn tell(&mut self, content: &Content, is_out: bool, at: Timestamp) {
        let Some(watchers) = &self.0 else { return };
        let beginning = content.bytes.get(..SHOWN_BYTES).unwrap_or(&content.bytes);
        let passed = Passed {
            at,
            is_out,
            is_text: content.is_text,
            bytes: content.bytes.len() as u64,
            // A copy: a slow watcher does not keep large messages.
            beginning: Bytes::copy_from_slice(beginning),
        };
        if watchers.send(passed).is_err() {
            self.0 = None;
        }
    }
}

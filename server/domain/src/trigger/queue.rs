//! The messages of a queue as a source of events.

use serde::{Deserialize, Serialize};

use super::within;
use crate::{Invalid, QueueName};

/// The queue whose messages a function consumes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct QueueTrigger {
    /// The queue.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub queue: QueueName,
    /// The most messages of one invocation: 1 to 100, by default 10.
    #[serde(default = "QueueTrigger::default_batch_size")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100, default = 10))]
    pub batch_size: u32,
    /// How long a batch may wait until it is full, in milliseconds: at most 60,000. By default 0: whatever
    /// is there is consumed at once.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 60000, default = 0))]
    pub batch_window_ms: u32,
    /// The most invocations at once on each server: 1 to 1,000, by default 5.
    #[serde(default = "QueueTrigger::default_max_concurrency")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1000, default = 5))]
    pub max_concurrency: u32,
    /// How often a message is given to the function before it moves to the dead-letter queue: 1 to 100, by
    /// default 5.
    #[serde(default = "QueueTrigger::default_max_receives")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100, default = 5))]
    pub max_receives: u32,
    /// Where messages go that the function could not process; absent, the queue's own dead-letter queue,
    /// `<queue>-dlq`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub dead_letter_queue: Option<QueueName>,
    /// The wall deadline of one invocation, in milliseconds: 1 to 900,000, by default 300,000.
    #[serde(default = "QueueTrigger::default_timeout_ms")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 900000, default = 300000))]
    pub timeout_ms: u32,
}

impl QueueTrigger {
    /// The default of [`Self::batch_size`].
    const BATCH_SIZE: u32 = 10;
    /// The default of [`Self::max_concurrency`].
    const MAX_CONCURRENCY: u32 = 5;
    /// The default of [`Self::max_receives`].
    const MAX_RECEIVES: u32 = 5;
    /// The default of [`Self::timeout_ms`].
    const TIMEOUT_MS: u32 = 300_000;

    /// A trigger on `queue` with the defaults.
    #[must_use]
    pub const fn on(queue: QueueName) -> Self {
        Self {
            queue,
            batch_size: Self::BATCH_SIZE,
            batch_window_ms: 0,
            max_concurrency: Self::MAX_CONCURRENCY,
            max_receives: Self::MAX_RECEIVES,
            dead_letter_queue: None,
            timeout_ms: Self::TIMEOUT_MS,
        }
    }

    const fn default_batch_size() -> u32 {
        Self::BATCH_SIZE
    }

    const fn default_max_concurrency() -> u32 {
        Self::MAX_CONCURRENCY
    }

    const fn default_max_receives() -> u32 {
        Self::MAX_RECEIVES
    }

    const fn default_timeout_ms() -> u32 {
        Self::TIMEOUT_MS
    }

    /// The queue for what could not be processed.
    ///
    /// # Errors
    ///
    /// [`Invalid`] where the queue's name is too long to have `-dlq` behind it.
    pub fn dead_letters(&self) -> Result<QueueName, Invalid> {
        match &self.dead_letter_queue {
            Some(queue) => Ok(queue.clone()),
            None => format!("{}-dlq", self.queue).parse().map_err(|_| {
                let message = format!("is absent, and {}-dlq is no queue's name; name one", self.queue);
                Invalid::new("dead_letter_queue", message)
            }),
        }
    }

    pub(super) fn in_words(&self) -> String {
        let Self { queue, batch_size, batch_window_ms, max_concurrency, max_receives, timeout_ms, .. } = self;
        let dead_letters = self.dead_letters().map(|queue| queue.to_string()).unwrap_or_default();
        format!(
            "queue {queue} (up to {batch_size} messages within {batch_window_ms} ms, {max_concurrency} at once, \
             {max_receives} receives, {timeout_ms} ms each, dead letters to {dead_letters})"
        )
    }

    /// Checks every figure, and that dead letters go elsewhere.
    pub(super) fn check(&self) -> Result<(), Invalid> {
        within("batch_size", self.batch_size, 1, 100)?;
        within("batch_window_ms", self.batch_window_ms, 0, 60_000)?;
        within("max_concurrency", self.max_concurrency, 1, 1_000)?;
        within("max_receives", self.max_receives, 1, 100)?;
        within("timeout_ms", self.timeout_ms, 1, 900_000)?;
        if self.dead_letters()? == self.queue {
            return Err(Invalid::new("dead_letter_queue", "is the queue itself; name another one"));
        }
        Ok(())
    }
}

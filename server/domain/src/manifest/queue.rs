//! What a manifest says of a queue.

use serde::{Deserialize, Serialize};

use crate::{Invalid, QueueName, queue::check_retention};

/// A queue. What is left out stays as it is, or takes its default where the queue is created.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct QueueManifest {
    /// How long it keeps messages, in seconds. By default 14 days.
    #[schema(minimum = 60, maximum = 1_209_600, default = 1_209_600)]
    pub retention_s: Option<u32>,
    /// The queue for messages that no attempt could settle, unless a trigger names another; created where it is
    /// missing.
    #[schema(value_type = Option<String>)]
    pub dead_letter_queue: Option<QueueName>,
}

impl QueueManifest {
    /// Checks how long it keeps messages.
    pub(super) fn check(&self) -> Result<(), Invalid> {
        self.retention_s.map_or(Ok(()), check_retention)
    }
}

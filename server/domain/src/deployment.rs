//! What a function's traffic does: the whole of it in one value.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Invalid, SecretName, Split, SplitKey, Trigger};

/// Everything that one deployment decides; the newest one of a function is live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentSpec {
    /// The versions and their shares.
    pub split: Split,
    /// What keeps a caller on one version; absent, each request is drawn anew.
    pub split_key: Option<SplitKey>,
    /// The whole set of triggers.
    pub triggers: Vec<Trigger>,
    /// Which version of each secret its versions read.
    #[serde(default)]
    pub secrets: BTreeMap<SecretName, u32>,
}

impl DeploymentSpec {
    /// The most triggers that one deployment may have.
    pub const MAX_TRIGGERS: usize = 100;

    /// Checks triggers and split key. (The split checked itself when it was made.)
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the first field out of bounds.
    pub fn check(&self) -> Result<(), Invalid> {
        if self.triggers.len() > Self::MAX_TRIGGERS {
            let message = format!("has {} entries; use at most {}", self.triggers.len(), Self::MAX_TRIGGERS);
            return Err(Invalid::new("triggers", message));
        }
        for (index, trigger) in self.triggers.iter().enumerate() {
            trigger.check().map_err(|invalid| invalid.within(&format!("triggers[{index}]")))?;
        }
        let mut schedules: Vec<_> = self.triggers.iter().filter_map(Trigger::as_cron).map(|cron| &cron.name).collect();
        schedules.sort_unstable();
        if let Some([name, _]) = schedules.array_windows().find(|[one, next]| one == next) {
            return Err(Invalid::new("triggers", format!("has two schedules of the name {name}; name each by itself")));
        }
        let mut queues: Vec<_> = self.triggers.iter().filter_map(Trigger::as_queue).map(|queue| &queue.queue).collect();
        queues.sort_unstable();
        if let Some([name, _]) = queues.array_windows().find(|[one, next]| one == next) {
            return Err(Invalid::new("triggers", format!("consumes the queue {name} twice; give it one trigger")));
        }
        self.split_key.as_ref().map_or(Ok(()), SplitKey::check)
    }
}

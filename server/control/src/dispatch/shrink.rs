//! Giving back, after a busy time, the memory that instances had then.

use std::{error::Error as StdError, time::Duration};

use super::Routing;

impl Routing {
    /// Looks `every` so often whether the pools keep memory for instances of a busy time that is over, and moves what was
    /// called since to new ones; until it is dropped.
    pub(crate) async fn keep_small(self, every: Duration) {
        let mut mark = self.0.loaded.begin();
        loop {
            tokio::time::sleep(every).await;
            match self.0.artifacts.shrink().await {
                Ok(false) => {}
                Ok(true) => {
                    for runnable in self.0.runnables.all() {
                        runnable.take_along(mark).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn StdError, "memory of a busy time could not be given back");
                }
            }
            mark = self.0.loaded.begin();
        }
    }
}

//! The work on queues in the background: redrives, messages that are too old, keys that are over, and the
//! counts that metrics show. All in small transactions, so that nobody waits long for the writer.

use std::time::Duration;

use domain::{
    Timestamp,
    id::{QueueId, RedriveId},
};
use telemetry::QueueLevel;

use super::Queues;
use crate::Error;

/// How often queues are swept and counted.
const SWEEP: Duration = Duration::from_secs(15);
/// How often running redrives are looked for that another server began.
const LOOK: Duration = Duration::from_secs(1);
/// Messages that are deleted at once.
const AT_ONCE: u32 = 500;
/// Queues that are read at once.
const PAGE: u32 = 200;

/// Sweeps and counts until it is dropped.
pub(crate) async fn sweep(queues: Queues) {
    loop {
        if let Err(error) = queues.sweep_once().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "queues could not be swept; tried again soon");
        }
        tokio::time::sleep(SWEEP).await;
    }
}

/// Moves messages as running redrives say, until it is dropped.
pub(crate) async fn redrive(queues: Queues) {
    loop {
        let pause = match queues.redrive_once().await {
            Ok(Some(next)) => {
                let us = next.as_us().saturating_sub(queues.0.ids.now().as_us());
                Duration::from_micros(u64::try_from(us).unwrap_or(0)).min(LOOK)
            }
            Ok(None) => LOOK,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a redrive could not go on; tried again soon");
                LOOK
            }
        };
        // A redrive that begins on this server need not wait.
        tokio::time::timeout(pause, queues.0.redrives.notified()).await.ok();
    }
}

impl Queues {
    /// Has the background look for redrives.
    pub(crate) fn wake_redrives(&self) {
        self.0.redrives.notify_one();
    }

    /// Does the steps that are due, and says when the next one is.
    async fn redrive_once(&self) -> Result<Option<Timestamp>, Error> {
        let running = self.0.store.read().await?.list_running_redrives().await?;
        for (id, next_at) in running {
            if next_at <= self.0.ids.now() {
                self.redrive_step(id).await?;
            }
        }
        let running = self.0.store.read().await?.list_running_redrives().await?;
        Ok(running.into_iter().map(|(_, next_at)| next_at).min())
    }

    async fn redrive_step(&self, id: RedriveId) -> Result<(), Error> {
        let ids = self.0.ids.clone();
        let step: Option<store::RedriveStep> = self
            .0
            .store
            .write::<_, store::Error, _>(move |transaction| {
                Box::pin(async move { transaction.step_redrive(id, ids.now()).await })
            })
            .await?;
        let Some(step) = step else { return Ok(()) };
        for queue in step.arrived {
            self.arrived(queue);
        }
        if step.ended {
            tracing::info!(redrive.id = %id, "redrive done");
        }
        Ok(())
    }

    /// Deletes what is over in all queues, and counts what they hold.
    pub(crate) async fn sweep_once(&self) -> Result<(), Error> {
        let mut levels = Vec::new();
        let mut after = None;
        loop {
            let page = self.0.store.read().await?.list_all_queues(after, PAGE).await?;
            for queue in &page.items {
                self.expire(queue).await?;
                let now = self.0.ids.now();
                let depth = self.0.store.read().await?.find_queue_depth(queue.id, now).await?;
                let age_us = depth.oldest_at_us.map_or(0, |oldest| now.as_us().saturating_sub(oldest.as_us()));
                // A queue whose project was deleted meanwhile has no labels and is shown no more.
                if let Ok(labels) = self.labels(queue).await {
                    let oldest_age_s = u64::try_from(age_us / 1_000_000).unwrap_or(0);
                    levels.push(QueueLevel { labels, messages: depth.messages, oldest_age_s });
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        self.0.metrics.queue_levels(levels);
        self.forget_keys().await
    }

    /// Deletes a queue's messages that are older than it keeps them.
    async fn expire(&self, queue: &store::Queue) -> Result<(), Error> {
        let retention_us = i64::from(queue.retention_s).saturating_mul(1_000_000);
        let mut expired = 0;
        loop {
            let (id, ids): (QueueId, _) = (queue.id, self.0.ids.clone());
            let before = Timestamp(self.0.ids.now().as_us().saturating_sub(retention_us));
            let oldest = self.0.store.read().await?.find_queue_depth(id, self.0.ids.now()).await?.oldest_at_us;
            if oldest.is_none_or(|oldest| oldest > before) {
                break;
            }
            let deleted: u64 = self
                .0
                .store
                .write::<_, store::Error, _>(move |transaction| {
                    Box::pin(async move { transaction.delete_expired_messages(id, before, ids.now(), AT_ONCE).await })
                })
                .await?;
            expired += deleted;
            if deleted == 0 {
                break;
            }
        }
        if expired > 0 {
            tracing::warn!(queue.name = %queue.name, expired, "messages were deleted because they were too old");
        }
        Ok(())
    }

    async fn forget_keys(&self) -> Result<(), Error> {
        loop {
            let ids = self.0.ids.clone();
            let forgotten: u64 = self
                .0
                .store
                .write::<_, store::Error, _>(move |transaction| {
                    Box::pin(async move { transaction.delete_expired_deduplication(ids.now(), AT_ONCE).await })
                })
                .await?;
            if forgotten < u64::from(AT_ONCE) {
                return Ok(());
            }
        }
    }
}

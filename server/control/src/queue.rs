//! Queues: the handle by which the rest of the server works on them, and the use cases of people.
//!
//! Owns what a name of a queue stands for, leases and their tokens, and who is woken by what arrives. What a
//! consumer does with messages is not known here.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{
    Ids, ProjectName, QueueName, Timestamp,
    id::{MessageId, ProjectId, QueueId},
    queue::{DEFAULT_RETENTION_S, NewMessage, check_batch},
};
use store::{Store, Transaction};
use telemetry::Metrics;
use tokio::sync::{Notify, watch};

use crate::Error;

mod consume;
pub(crate) mod job;
mod manage;
mod messages;
mod redrive;

pub use consume::{Claim, Claimed, Consumer, Due, LeaseToken};
pub use manage::{NewQueue, Queue, UpdateQueue};
pub use messages::QueuedMessage;
pub use redrive::{NewRedrive, Redrive};
pub use store::{MessageError, QueueDepth, Settled};

/// Queues as the server itself works on them: without a caller, and thus without permissions. A cheap handle.
#[derive(Clone)]
pub struct Queues(Arc<Inner>);

struct Inner {
    store: Store,
    ids: Ids,
    metrics: Metrics,
    /// Those who wait for messages of a queue on this server. Entries without waiters are dropped.
    arrivals: Mutex<HashMap<QueueId, watch::Sender<()>>>,
    /// The names of projects, which never change, for the metrics.
    projects: Mutex<HashMap<ProjectId, ProjectName>>,
    /// Woken when a redrive begins on this server.
    redrives: Notify,
}

/// Wakes when messages have come to a queue on this server. Those that others take in are seen by looking.
#[derive(Debug)]
pub struct Arrivals(watch::Receiver<()>);

impl Arrivals {
    /// Waits for messages that came since this was made or last waited for. Cancel safe.
    pub async fn next(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

impl Queues {
    pub(crate) fn new(store: Store, ids: Ids, metrics: Metrics) -> Self {
        Self(Arc::new(Inner {
            store,
            ids,
            metrics,
            arrivals: Mutex::default(),
            projects: Mutex::default(),
            redrives: Notify::new(),
        }))
    }

    /// Sends `messages` to a queue in their order, all or none, and returns the id of each: that of an earlier
    /// message where one with the same deduplication key came within 5 minutes. When this returns, they are on
    /// disk.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a message out of its bounds, [`Error::NotFound`] if there is no such queue.
    pub async fn send(
        &self,
        project: ProjectId,
        queue: &QueueName,
        messages: Vec<NewMessage>,
    ) -> Result<Vec<MessageId>, Error> {
        check_batch(&messages)?;
        let queue = self.resolve(project, queue).await?;
        let ids = self.0.ids.clone();
        let messages: Vec<_> = messages.into_iter().map(|message| (ids.next(), message)).collect();
        let (id, number) = (queue.id, messages.len());
        let sent: Vec<MessageId> = self
            .0
            .store
            .write(move |transaction| {
                Box::pin(async move { transaction.insert_messages(id, &messages, ids.now()).await })
            })
            .await?;
        self.0.metrics.queue_sent(&self.labels(&queue).await?, number);
        self.arrived(queue.id);
        Ok(sent)
    }

    /// Has the queues there that are missing, in `transaction`.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store does not answer.
    pub async fn ensure(
        &self,
        transaction: &mut Transaction,
        project: ProjectId,
        names: impl IntoIterator<Item = QueueName>,
    ) -> Result<(), Error> {
        for name in names {
            match transaction.insert_queue(&self.new_queue(project, name)).await {
                Ok(()) | Err(store::Error::Duplicate) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The present, as leases go by it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.ids.now()
    }

    /// Wakes with each send to `queue` on this server.
    #[must_use]
    pub fn arrivals(&self, queue: QueueId) -> Arrivals {
        let mut arrivals = self.waiters();
        arrivals.retain(|_, sender| sender.receiver_count() > 0);
        Arrivals(arrivals.entry(queue).or_insert_with(|| watch::Sender::new(())).subscribe())
    }

    fn arrived(&self, queue: QueueId) {
        if let Some(sender) = self.waiters().get(&queue) {
            sender.send_replace(());
        }
    }

    fn waiters(&self) -> MutexGuard<'_, HashMap<QueueId, watch::Sender<()>>> {
        self.0.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The queue called `name`.
    async fn resolve(&self, project: ProjectId, name: &QueueName) -> Result<store::Queue, Error> {
        let found = self.0.store.read().await?.find_queue(project, name).await?;
        found.ok_or_else(|| no_queue(name))
    }

    fn new_queue(&self, project: ProjectId, name: QueueName) -> store::Queue {
        store::Queue {
            id: self.0.ids.next(),
            project_id: project,
            name,
            retention_s: DEFAULT_RETENTION_S,
            dead_letter_queue: None,
            paused: false,
            created_at_us: self.0.ids.now(),
            revision: 1,
        }
    }

    /// What metrics call a queue.
    async fn labels(&self, queue: &store::Queue) -> Result<telemetry::QueueLabels, Error> {
        let known = self.names().get(&queue.project_id).cloned();
        let project = match known {
            Some(name) => name,
            None => {
                let found = self.0.store.read().await?.find_project(queue.project_id).await?;
                let name = found.ok_or_else(|| no_queue(&queue.name))?.name;
                self.names().insert(queue.project_id, name.clone());
                name
            }
        };
        Ok(telemetry::QueueLabels::new(project.as_str(), queue.name.as_str()))
    }

    fn names(&self) -> MutexGuard<'_, HashMap<ProjectId, ProjectName>> {
        self.0.projects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Queues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Queues")
    }
}

/// Says that there is no queue of that name.
pub(crate) fn no_queue(name: &QueueName) -> Error {
    Error::not_found(format!("queue {name}"))
}

//! Moves of a queue's messages back to where they came from, or to another queue.

use std::collections::BTreeMap;

use domain::{
    Action, Label, ProjectName, QueueName, Timestamp,
    id::{QueueId, RedriveId},
    queue::RedriveState,
};

use crate::{Caller, Control, Error, Page, PageQuery};

/// The most messages that are moved in a second.
const MAX_RATE_PER_S: u32 = 1_000;
/// The messages that are moved in a second where nobody said.
const DEFAULT_RATE_PER_S: u32 = 100;

/// A move as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    /// Its id.
    pub id: RedriveId,
    /// Where the messages go; absent, each goes to the queue that it came from. Absent, too, where that queue is
    /// gone.
    pub target: Option<QueueName>,
    /// The most messages in a second.
    pub rate_per_s: u32,
    /// How far it has come.
    pub state: RedriveState,
    /// The messages that were there when it began.
    pub total: u64,
    /// Those that were moved.
    pub moved: u64,
    /// Those that stay: in flight, or from a queue that is gone or not known.
    pub skipped: u64,
    /// Who began it.
    pub created_by: Label,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// A move that is to be.
#[derive(Clone, Debug, Default)]
pub struct NewRedrive {
    /// Where the messages go; absent, each goes to the queue that it came from as a dead letter.
    pub target: Option<QueueName>,
    /// The most messages in a second: 1 to 1,000. 100 where absent.
    pub rate_per_s: Option<u32>,
}

impl Control {
    /// Begins to move all messages that a queue holds now.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] for the rate or the target,
    /// [`Error::Conflict`] `redrive-running`.
    pub async fn redrive(
        &self,
        caller: &Caller,
        project: &ProjectName,
        queue: &QueueName,
        new: NewRedrive,
    ) -> Result<Redrive, Error> {
        let queue = self.queue_for(caller, project, queue, Action::QueueOperate).await?;
        let rate_per_s = new.rate_per_s.unwrap_or(DEFAULT_RATE_PER_S);
        if !(1..=MAX_RATE_PER_S).contains(&rate_per_s) {
            return Err(Error::invalid("rate_per_s", format!("is {rate_per_s}; use 1 to {MAX_RATE_PER_S}")));
        }
        let target = match &new.target {
            None => None,
            Some(name) if *name == queue.name => {
                return Err(Error::invalid("target", "is the queue itself; name another, or none for the sources"));
            }
            Some(name) => Some(self.0.queues.resolve(queue.project_id, name).await?.id),
        };
        let redrive = store::NewRedrive {
            id: self.0.ids.next(),
            queue_id: queue.id,
            target_queue_id: target,
            rate_per_s,
            created_by: caller.name().clone(),
            created_at_us: self.0.ids.now(),
        };
        let id = redrive.id;
        let name = queue.name.clone();
        self.0
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    match transaction.insert_redrive(&redrive).await {
                        Err(store::Error::Duplicate) => {
                            let detail = format!("messages of {name} are being moved already; stop that first");
                            Err(Error::conflict("redrive-running", detail))
                        }
                        other => Ok(other?),
                    }
                })
            })
            .await?;
        self.0.queues.wake_redrives();
        tracing::info!(queue.name = %queue.name, redrive.id = %id, rate_per_s, "redrive begun");
        self.redrive_of(queue.id, id).await
    }

    /// The moves of a queue's messages, newest first.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] for the cursor.
    pub async fn list_redrives(
        &self,
        caller: &Caller,
        project: &ProjectName,
        queue: &QueueName,
        query: &PageQuery,
    ) -> Result<Page<Redrive>, Error> {
        let queue = self.queue_for(caller, project, queue, Action::QueueRead).await?;
        let page = self.0.store.read().await?.list_redrives(queue.id, query.after()?, query.limit()).await?;
        let items = self.shown_redrives(page.items).await?;
        Ok(Page { items, next_cursor: page.next.map(|id| id.to_string()) })
    }

    /// One move and how far it has come.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn find_redrive(
        &self,
        caller: &Caller,
        project: &ProjectName,
        queue: &QueueName,
        id: RedriveId,
    ) -> Result<Redrive, Error> {
        let queue = self.queue_for(caller, project, queue, Action::QueueRead).await?;
        self.redrive_of(queue.id, id).await
    }

    /// Stops a move; what was moved stays moved. One that has ended stays as it ended.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn stop_redrive(
        &self,
        caller: &Caller,
        project: &ProjectName,
        queue: &QueueName,
        id: RedriveId,
    ) -> Result<Redrive, Error> {
        let queue = self.queue_for(caller, project, queue, Action::QueueOperate).await?;
        self.redrive_of(queue.id, id).await?;
        let now = self.0.ids.now();
        self.0
            .store
            .write::<_, store::Error, _>(move |transaction| {
                Box::pin(async move { transaction.end_redrive(id, RedriveState::Stopped, now).await })
            })
            .await?;
        self.redrive_of(queue.id, id).await
    }

    async fn redrive_of(&self, queue: QueueId, id: RedriveId) -> Result<Redrive, Error> {
        let found = self.0.store.read().await?.find_redrive(queue, id).await?;
        let shown = self.shown_redrives(found.into_iter().collect()).await?.pop();
        shown.ok_or_else(|| Error::not_found(format!("redrive {id}")))
    }

    async fn shown_redrives(&self, redrives: Vec<store::Redrive>) -> Result<Vec<Redrive>, Error> {
        let mut reader = self.0.store.read().await?;
        let mut names = BTreeMap::new();
        for id in redrives.iter().filter_map(|redrive| redrive.target_queue_id) {
            names.insert(id, reader.find_queue_by_id(id).await?.map(|queue| queue.name));
        }
        let show = |redrive: store::Redrive| Redrive {
            id: redrive.id,
            target: redrive.target_queue_id.and_then(|id| names.get(&id).cloned().flatten()),
            rate_per_s: redrive.rate_per_s,
            state: redrive.state,
            total: redrive.total,
            moved: redrive.moved,
            skipped: redrive.skipped,
            created_by: redrive.created_by,
            created_at: redrive.created_at_us,
            ended_at: redrive.ended_at_us,
        };
        Ok(redrives.into_iter().map(show).collect())
    }
}

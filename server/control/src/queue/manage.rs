//! Queues as people make, change and delete them.

use domain::{
    Action, ProjectName, QueueName, Timestamp,
    id::{ProjectId, QueueId},
    queue::check_retention,
};
use store::QueueDepth;

use super::no_queue;
use crate::{Caller, Control, Error, Page, PageQuery, Revision};

/// Messages that are deleted at once, so that other writers get their turn.
const AT_ONCE: u32 = 1_000;

/// A queue as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its id.
    pub id: QueueId,
    /// Its name.
    pub name: QueueName,
    /// How long it keeps messages, in seconds.
    pub retention_s: u32,
    /// Where messages go that no attempt could settle, if the consumer does not say otherwise.
    pub dead_letter_queue: Option<QueueName>,
    /// Whether it hands out nothing for now.
    pub paused: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// Tells two states of its settings apart.
    pub revision: Revision,
    /// What it holds.
    pub depth: QueueDepth,
}

/// A queue that is to be.
#[derive(Clone, Debug)]
pub struct NewQueue {
    /// Its name.
    pub name: QueueName,
    /// How long it keeps messages, in seconds; 14 days where absent.
    pub retention_s: Option<u32>,
    /// Its dead-letter queue, which must be there.
    pub dead_letter_queue: Option<QueueName>,
}

/// What is to change of a queue; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct UpdateQueue {
    /// How long it keeps messages, in seconds.
    pub retention_s: Option<u32>,
    /// Its dead-letter queue, or none.
    pub dead_letter_queue: Option<Option<QueueName>>,
    /// Whether it hands out nothing for now.
    pub paused: Option<bool>,
}

impl Control {
    /// The queues of `project`, by name, with what they hold.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Invalid`] for the cursor.
    pub async fn list_queues(
        &self,
        caller: &Caller,
        project: &ProjectName,
        query: &PageQuery,
    ) -> Result<Page<Queue>, Error> {
        let project = caller.require(project, Action::QueueRead)?.project;
        let mut reader = self.0.store.read().await?;
        let after: Option<QueueName> = query.after()?;
        let page = reader.list_queues(project, after.as_ref(), query.limit()).await?;
        let now = self.0.ids.now();
        let mut items = Vec::with_capacity(page.items.len());
        for queue in page.items {
            let depth = reader.find_queue_depth(queue.id, now).await?;
            items.push(shown(queue, depth));
        }
        Ok(Page { items, next_cursor: page.next.map(|name| name.to_string()) })
    }

    /// One queue with what it holds.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub async fn find_queue(&self, caller: &Caller, project: &ProjectName, name: &QueueName) -> Result<Queue, Error> {
        let queue = self.queue_for(caller, project, name, Action::QueueRead).await?;
        self.with_depth(queue).await
    }

    /// Creates a queue.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Conflict`] `name-taken`, [`Error::Invalid`] for the
    /// retention, or for a dead-letter queue that is missing or the queue itself.
    pub async fn create_queue(&self, caller: &Caller, project: &ProjectName, new: NewQueue) -> Result<Queue, Error> {
        let project = caller.require(project, Action::QueueManage)?.project;
        let mut queue = self.0.queues.new_queue(project, new.name);
        queue.retention_s = new.retention_s.unwrap_or(queue.retention_s);
        queue.dead_letter_queue = new.dead_letter_queue;
        self.check_queue(&queue).await?;
        let added = queue.clone();
        self.0
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    match transaction.insert_queue(&added).await {
                        Err(store::Error::Duplicate) => {
                            let detail = format!("the project has a queue {} already", added.name);
                            Err(Error::conflict("name-taken", detail))
                        }
                        other => Ok(other?),
                    }
                })
            })
            .await?;
        Ok(shown(queue, QueueDepth::default()))
    }

    /// Changes a queue's settings.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] as for a new one,
    /// [`Error::PreconditionFailed`] if it is not at `expected`.
    pub async fn update_queue(
        &self,
        caller: &Caller,
        project: &ProjectName,
        name: &QueueName,
        change: UpdateQueue,
        expected: Option<Revision>,
    ) -> Result<Queue, Error> {
        // Whoever keeps things running may pause; the rest is for those who decide what there is.
        let settings = change.retention_s.is_some() || change.dead_letter_queue.is_some();
        let action = if settings { Action::QueueManage } else { Action::QueueOperate };
        let mut queue = self.queue_for(caller, project, name, action).await?;
        queue.retention_s = change.retention_s.unwrap_or(queue.retention_s);
        queue.dead_letter_queue = change.dead_letter_queue.unwrap_or(queue.dead_letter_queue);
        queue.paused = change.paused.unwrap_or(queue.paused);
        self.check_queue(&queue).await?;
        let (changed, read) = (queue.clone(), Some(queue.revision));
        let done: bool = self
            .0
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    let expected = expected.map(|revision| revision.0).or(read);
                    transaction.update_queue(&changed, expected).await
                })
            })
            .await?;
        if !done {
            let detail = format!("the queue {name} was changed meanwhile; read it again");
            return Err(Error::PreconditionFailed { detail });
        }
        // Whoever waits looks again: it may hand out now.
        self.0.queues.arrived(queue.id);
        queue.revision += 1;
        self.with_depth(queue).await
    }

    /// Deletes a queue with its messages.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Conflict`] `queue-not-empty` unless `with_messages`,
    /// [`Error::PreconditionFailed`] if it is not at `expected`.
    pub async fn delete_queue(
        &self,
        caller: &Caller,
        project: &ProjectName,
        name: &QueueName,
        with_messages: bool,
        expected: Option<Revision>,
    ) -> Result<(), Error> {
        let queue = self.queue_for(caller, project, name, Action::QueueManage).await?;
        if expected.is_some_and(|expected| expected.0 != queue.revision) {
            let detail = format!("the queue {name} was changed meanwhile; read it again");
            return Err(Error::PreconditionFailed { detail });
        }
        let held = self.0.store.read().await?.find_queue_depth(queue.id, self.0.ids.now()).await?.messages;
        if held > 0 && !with_messages {
            let detail = format!("the queue {name} holds {held} messages; say that they may be deleted with it");
            return Err(Error::conflict("queue-not-empty", detail));
        }
        self.purge(queue.id).await?;
        let id = queue.id;
        self.0
            .store
            .write(move |transaction| Box::pin(async move { transaction.delete_queue(id, None).await.map(drop) }))
            .await
            .map_err(Error::from)?;
        tracing::info!(queue.name = %name, "queue deleted");
        Ok(())
    }

    /// Deletes all messages that a queue holds now, and says how many. `typed` is its name once more, so that
    /// nobody does this to another queue than they think.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] if `typed` is another name.
    pub async fn purge_queue(
        &self,
        caller: &Caller,
        project: &ProjectName,
        name: &QueueName,
        typed: &str,
    ) -> Result<u64, Error> {
        let queue = self.queue_for(caller, project, name, Action::QueueOperate).await?;
        if typed != name.as_str() {
            return Err(Error::invalid("queue", format!("is {typed:?}; write {name} to delete all of its messages")));
        }
        let purged = self.purge(queue.id).await?;
        tracing::info!(queue.name = %name, purged, "queue purged");
        Ok(purged)
    }

    async fn purge(&self, queue: QueueId) -> Result<u64, Error> {
        let before = self.0.ids.now();
        let mut purged = 0;
        loop {
            let deleted: u64 = self
                .0
                .store
                .write::<_, store::Error, _>(move |transaction| {
                    Box::pin(async move { transaction.purge_messages(queue, before, AT_ONCE).await })
                })
                .await?;
            purged += deleted;
            if deleted < u64::from(AT_ONCE) {
                return Ok(purged);
            }
        }
    }

    /// The queue of a project that the caller may do `action` in.
    pub(super) async fn queue_for(
        &self,
        caller: &Caller,
        project: &ProjectName,
        name: &QueueName,
        action: Action,
    ) -> Result<store::Queue, Error> {
        let project = caller.require(project, action)?.project;
        let found = self.0.store.read().await?.find_queue(project, name).await?;
        found.ok_or_else(|| no_queue(name))
    }

    async fn with_depth(&self, queue: store::Queue) -> Result<Queue, Error> {
        let depth = self.0.store.read().await?.find_queue_depth(queue.id, self.0.ids.now()).await?;
        Ok(shown(queue, depth))
    }

    async fn check_queue(&self, queue: &store::Queue) -> Result<(), Error> {
        check_retention(queue.retention_s)?;
        match &queue.dead_letter_queue {
            None => Ok(()),
            Some(letters) if *letters == queue.name => {
                let message = "is the queue itself; name another, or none";
                Err(Error::invalid("dead_letter_queue", message))
            }
            Some(letters) => self.check_letters(queue.project_id, letters).await,
        }
    }

    async fn check_letters(&self, project: ProjectId, letters: &QueueName) -> Result<(), Error> {
        match self.0.store.read().await?.find_queue(project, letters).await? {
            Some(_) => Ok(()),
            None => {
                let message = format!("is {letters}, and there is no such queue; create it first");
                Err(Error::invalid("dead_letter_queue", message))
            }
        }
    }
}

fn shown(queue: store::Queue, depth: QueueDepth) -> Queue {
    Queue {
        id: queue.id,
        name: queue.name,
        retention_s: queue.retention_s,
        dead_letter_queue: queue.dead_letter_queue,
        paused: queue.paused,
        created_at: queue.created_at_us,
        revision: Revision(queue.revision),
        depth,
    }
}

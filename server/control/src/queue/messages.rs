//! Messages as people send them and look at them.

use domain::{
    Action, ProjectName, QueueName,
    id::MessageId,
    queue::{MessageState, NewMessage},
};
use store::{MessageError, QueuedMessage as Stored};

use crate::{Caller, Control, Error, Page, PageQuery};

/// A message in a queue, as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedMessage {
    /// The message.
    pub message: Stored,
    /// Where it stands.
    pub state: MessageState,
    /// The name of the queue that it came from as a dead letter, where that is still there.
    pub source_queue: Option<QueueName>,
    /// What went wrong, by attempt.
    pub errors: Vec<MessageError>,
}

impl Control {
    /// Sends messages to a queue, all or none, and returns their ids.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] for a message out of its bounds.
    pub async fn send_messages(
        &self,
        caller: &Caller,
        project: &ProjectName,
        queue: &QueueName,
        messages: Vec<NewMessage>,
    ) -> Result<Vec<MessageId>, Error> {
        let project = caller.require(project, Action::QueueSend)?.project;
        self.0.queues.send(project, queue, messages).await
    }

    /// The messages of a queue in their order, with the beginnings of their bodies. Hands out none.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] for the cursor.
    pub async fn peek_messages(
        &self,
        caller: &Caller,
        project: &ProjectName,
        queue: &QueueName,
        query: &PageQuery,
    ) -> Result<Page<QueuedMessage>, Error> {
        let queue = self.queue_for(caller, project, queue, Action::QueueRead).await?;
        let page = self.0.store.read().await?.list_messages(queue.id, query.after()?, query.limit()).await?;
        let items = self.with_errors(page.items).await?;
        Ok(Page { items, next_cursor: page.next.map(|sequence| sequence.to_string()) })
    }

    /// One message of a queue with its whole body.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn find_message(
        &self,
        caller: &Caller,
        project: &ProjectName,
        queue: &QueueName,
        id: MessageId,
    ) -> Result<QueuedMessage, Error> {
        let queue = self.queue_for(caller, project, queue, Action::QueueRead).await?;
        let found = self.0.store.read().await?.find_message(queue.id, id).await?;
        let mut messages = self.with_errors(found.into_iter().collect()).await?;
        messages.pop().ok_or_else(|| Error::not_found(format!("message {id} in the queue {}", queue.name)))
    }

    async fn with_errors(&self, messages: Vec<Stored>) -> Result<Vec<QueuedMessage>, Error> {
        let mut reader = self.0.store.read().await?;
        let tried = messages.iter().filter(|message| message.attempts > 0).map(|message| message.id);
        let mut errors = reader.list_message_errors(tried).await?;
        let mut sources = std::collections::BTreeMap::new();
        for id in messages.iter().filter_map(|message| message.source_queue_id) {
            if let std::collections::btree_map::Entry::Vacant(entry) = sources.entry(id) {
                entry.insert(reader.find_queue_by_id(id).await?.map(|queue| queue.name));
            }
        }
        let now = self.0.ids.now();
        let show = |message: Stored| QueuedMessage {
            state: message.state(now),
            source_queue: message.source_queue_id.and_then(|id| sources.get(&id).cloned().flatten()),
            errors: errors.remove(&message.id).unwrap_or_default(),
            message,
        };
        Ok(messages.into_iter().map(show).collect())
    }
}

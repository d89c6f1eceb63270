//! Queues, their messages and redrives.

use wire::{
    CreateQueue, CreateRedrive, Page, PurgeQueue, PurgedQueue, Queue, QueueMessage, Redrive, SendMessage, SentMessage,
    UpdateQueue,
};

use super::{Api, Error, encoded, project_path};

impl Api {
    /// Reads a project's queues, by name.
    pub(crate) async fn list_queues(self, project: &str, pages: u32) -> Result<Page<Queue>, Error> {
        self.get_list(&format!("{}/queues", project_path(project)), pages).await
    }

    /// Creates a queue.
    pub(crate) async fn create_queue(self, project: &str, body: &CreateQueue) -> Result<Queue, Error> {
        self.post(&format!("{}/queues", project_path(project)), body).await
    }

    /// Reads a queue and what it holds.
    pub(crate) async fn find_queue(self, project: &str, queue: &str) -> Result<Queue, Error> {
        self.get(&queue_path(project, queue)).await
    }

    /// Changes a queue.
    pub(crate) async fn update_queue(self, project: &str, queue: &str, body: &UpdateQueue) -> Result<Queue, Error> {
        self.patch(&queue_path(project, queue), body).await
    }

    /// Has a queue hand out nothing, or messages again.
    pub(crate) async fn pause_queue(self, project: &str, queue: &str, paused: bool) -> Result<Queue, Error> {
        let verb = if paused { "pause" } else { "resume" };
        self.post(&format!("{}/{verb}", queue_path(project, queue)), &()).await
    }

    /// Deletes all messages of a queue.
    pub(crate) async fn purge_queue(self, project: &str, queue: &str, typed: String) -> Result<PurgedQueue, Error> {
        self.post(&format!("{}/purge", queue_path(project, queue)), &PurgeQueue { queue: typed }).await
    }

    /// Deletes a queue with its messages.
    pub(crate) async fn delete_queue(self, project: &str, queue: &str) -> Result<(), Error> {
        self.delete(&format!("{}?with_messages=true", queue_path(project, queue))).await
    }

    /// Sends a message.
    pub(crate) async fn send_message(
        self,
        project: &str,
        queue: &str,
        body: &SendMessage,
    ) -> Result<SentMessage, Error> {
        self.post(&format!("{}/messages", queue_path(project, queue)), body).await
    }

    /// Reads a queue's messages in their order, with the beginnings of their bodies.
    pub(crate) async fn list_messages(
        self,
        project: &str,
        queue: &str,
        pages: u32,
    ) -> Result<Page<QueueMessage>, Error> {
        self.get_list(&format!("{}/messages", queue_path(project, queue)), pages).await
    }

    /// Reads a message whole.
    pub(crate) async fn find_message(self, project: &str, queue: &str, id: &str) -> Result<QueueMessage, Error> {
        self.get(&format!("{}/messages/{}", queue_path(project, queue), encoded(id))).await
    }

    /// Reads a queue's redrives, newest first.
    pub(crate) async fn list_redrives(self, project: &str, queue: &str, pages: u32) -> Result<Page<Redrive>, Error> {
        self.get_list(&format!("{}/redrives", queue_path(project, queue)), pages).await
    }

    /// Begins to move a queue's messages.
    pub(crate) async fn redrive(self, project: &str, queue: &str, body: &CreateRedrive) -> Result<Redrive, Error> {
        self.post(&format!("{}/redrives", queue_path(project, queue)), body).await
    }

    /// Stops a redrive.
    pub(crate) async fn stop_redrive(self, project: &str, queue: &str, id: &str) -> Result<Redrive, Error> {
        self.post(&format!("{}/redrives/{}/stop", queue_path(project, queue), encoded(id)), &()).await
    }
}

/// The address of a queue in the API.
fn queue_path(project: &str, queue: &str) -> String {
    format!("{}/queues/{}", project_path(project), encoded(queue))
}

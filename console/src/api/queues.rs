//! Queues, their messages and redrives.

use wire::{
    CreateQueue, CreateRedrive, Page, PurgeQueue, PurgedQueue, Queue, QueueMessage, Redrive, SendMessage, SentMessage,
    UpdateQueue,
};

use super::{Api, Reply, encoded, project_path};

impl Api {
    /// Reads a project's queues, by name.
    pub(crate) fn list_queues(self, project: &str, pages: u32) -> Reply<Page<Queue>> {
        self.get_list(format!("{}/queues", project_path(project)), pages)
    }

    /// Creates a queue.
    pub(crate) fn create_queue(self, project: &str, body: &CreateQueue) -> Reply<Queue> {
        self.post(format!("{}/queues", project_path(project)), body)
    }

    /// Reads a queue and what it holds.
    pub(crate) fn find_queue(self, project: &str, queue: &str) -> Reply<Queue> {
        self.get(queue_path(project, queue))
    }

    /// Changes a queue.
    pub(crate) fn update_queue(self, project: &str, queue: &str, body: &UpdateQueue) -> Reply<Queue> {
        self.patch(queue_path(project, queue), body)
    }

    /// Has a queue hand out nothing, or messages again.
    pub(crate) fn pause_queue(self, project: &str, queue: &str, paused: bool) -> Reply<Queue> {
        let verb = if paused { "pause" } else { "resume" };
        self.post(format!("{}/{verb}", queue_path(project, queue)), &())
    }

    /// Deletes all messages of a queue.
    pub(crate) fn purge_queue(self, project: &str, queue: &str, typed: String) -> Reply<PurgedQueue> {
        self.post(format!("{}/purge", queue_path(project, queue)), &PurgeQueue { queue: typed })
    }

    /// Deletes a queue with its messages.
    pub(crate) fn delete_queue(self, project: &str, queue: &str) -> Reply<()> {
        self.delete(format!("{}?with_messages=true", queue_path(project, queue)))
    }

    /// Sends a message.
    pub(crate) fn send_message(self, project: &str, queue: &str, body: &SendMessage) -> Reply<SentMessage> {
        self.post(format!("{}/messages", queue_path(project, queue)), body)
    }

    /// Reads a queue's messages in their order, with the beginnings of their bodies.
    pub(crate) fn list_messages(self, project: &str, queue: &str, pages: u32) -> Reply<Page<QueueMessage>> {
        self.get_list(format!("{}/messages", queue_path(project, queue)), pages)
    }

    /// Reads a message whole.
    pub(crate) fn find_message(self, project: &str, queue: &str, id: &str) -> Reply<QueueMessage> {
        self.get(format!("{}/messages/{}", queue_path(project, queue), encoded(id)))
    }

    /// Reads a queue's redrives, newest first.
    pub(crate) fn list_redrives(self, project: &str, queue: &str, pages: u32) -> Reply<Page<Redrive>> {
        self.get_list(format!("{}/redrives", queue_path(project, queue)), pages)
    }

    /// Begins to move a queue's messages.
    pub(crate) fn redrive(self, project: &str, queue: &str, body: &CreateRedrive) -> Reply<Redrive> {
        self.post(format!("{}/redrives", queue_path(project, queue)), body)
    }

    /// Stops a redrive.
    pub(crate) fn stop_redrive(self, project: &str, queue: &str, id: &str) -> Reply<Redrive> {
        self.post(format!("{}/redrives/{}/stop", queue_path(project, queue), encoded(id)), &())
    }
}

/// The address of a queue in the API.
fn queue_path(project: &str, queue: &str) -> String {
    format!("{}/queues/{}", project_path(project), encoded(queue))
}

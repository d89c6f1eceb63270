//! Queues: rows of `queue`, with what they hold.

use domain::{
    QueueName, Timestamp,
    id::{ProjectId, QueueId},
};

use crate::{
    Error, Page, Reader, Transaction,
    column::column,
    connection::on,
    page::{BEHIND_ALL, one_more},
};

mod arrival;
mod claim;
mod count;
mod departure;
mod group;
mod message;
mod redrive;
mod sequences;
mod settle;

pub use claim::{Claim, ClaimTerms, DueMessages};
pub use count::QueueDepth;
pub use message::{MessageError, MessagePosition, QueuedMessage};
pub use redrive::{NewRedrive, Redrive, RedriveStep};
pub use settle::{SettleTerms, Settled};

/// A place where messages wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Identifies it.
    pub id: QueueId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its name; no two queues of a project have the same.
    pub name: QueueName,
    /// How long it keeps messages, in seconds.
    pub retention_s: u32,
    /// Where messages go that no attempt could settle, if the consumer does not say otherwise.
    pub dead_letter_queue: Option<QueueName>,
    /// Whether it hands out nothing for now.
    pub paused: bool,
    /// When it was created.
    pub created_at_us: Timestamp,
    /// Grows with each change of its settings.
    pub revision: i64,
}

/// A queue as a consumer of it sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumedQueue {
    /// The queue.
    pub queue: Queue,
    /// Where its dead letters go; never the queue itself.
    pub letters: Option<QueueId>,
}

#[derive(sqlx::FromRow)]
struct ConsumedQueueRow {
    #[sqlx(flatten)]
    queue: QueueRow,
    letters_id: Option<String>,
}

#[derive(sqlx::FromRow)]
struct QueueRow {
    id: String,
    project_id: String,
    name: String,
    retention_s: i64,
    dead_letter_queue: Option<String>,
    paused: i64,
    created_at_us: i64,
    revision: i64,
}

impl TryFrom<QueueRow> for Queue {
    type Error = Error;

    fn try_from(row: QueueRow) -> Result<Self, Error> {
        let dead_letter_queue = row.dead_letter_queue;
        Ok(Self {
            id: column("queue", "id").parse(&row.id)?,
            project_id: column("queue", "project_id").parse(&row.project_id)?,
            name: column("queue", "name").parse(&row.name)?,
            retention_s: column("queue", "retention_s").number(row.retention_s)?,
            dead_letter_queue: dead_letter_queue
                .map(|name| column("queue", "dead_letter_queue").parse(&name))
                .transpose()?,
            paused: row.paused != 0,
            created_at_us: Timestamp(row.created_at_us),
            revision: row.revision,
        })
    }
}

/// The columns of a [`QueueRow`], in front of the part of a query that says which.
macro_rules! select_queue {
    ($which:literal) => {
        concat!(
            "
            select id, project_id, name, retention_s, dead_letter_queue, paused, created_at_us, revision
            from queue ",
            $which
        )
    };
}

impl Reader {
    /// The queue of `project` with this name.
    #[tracing::instrument(name = "store.queue.find", skip_all, fields(project.id = %project, queue.name = %name))]
    pub async fn find_queue(&mut self, project: ProjectId, name: &QueueName) -> Result<Option<Queue>, Error> {
        const SQL: &str = select_queue!("where project_id = $1 and name = $2");
        let row: Option<QueueRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(project.to_string())
                .bind(name.as_str())
                .fetch_optional(connection).await
        })?;
        row.map(Queue::try_from).transpose()
    }

    /// The queue of `project` with this name, and the queue for its dead letters: the one called `letters`, or else
    /// the queue's own.
    #[tracing::instrument(
        name = "store.queue.find_consumed", skip_all, fields(project.id = %project, queue.name = %name)
    )]
    pub async fn find_consumed_queue(
        &mut self,
        project: ProjectId,
        name: &QueueName,
        letters: Option<&QueueName>,
    ) -> Result<Option<ConsumedQueue>, Error> {
        const SQL: &str = "
            select id, project_id, name, retention_s, dead_letter_queue, paused, created_at_us, revision,
                (select letters.id from queue as letters
                    where letters.project_id = $1 and letters.name = coalesce($3, queue.dead_letter_queue)
                    and letters.id <> queue.id) as letters_id
            from queue where project_id = $1 and name = $2";
        let row: Option<ConsumedQueueRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(project.to_string())
                .bind(name.as_str())
                .bind(letters.map(QueueName::as_str))
                .fetch_optional(connection).await
        })?;
        let read = |row: ConsumedQueueRow| {
            let parse = |id: String| column("queue", "id").parse(&id);
            Ok(ConsumedQueue { queue: row.queue.try_into()?, letters: row.letters_id.map(parse).transpose()? })
        };
        row.map(read).transpose()
    }

    /// The queue with this id.
    #[tracing::instrument(name = "store.queue.find_by_id", skip_all, fields(queue.id = %id))]
    pub async fn find_queue_by_id(&mut self, id: QueueId) -> Result<Option<Queue>, Error> {
        const SQL: &str = select_queue!("where id = $1");
        let row: Option<QueueRow> = on!(self, connection => {
            sqlx::query_as(SQL).bind(id.to_string()).fetch_optional(connection).await
        })?;
        row.map(Queue::try_from).transpose()
    }

    /// The queues of `project`, by name, behind the name `after`.
    #[tracing::instrument(name = "store.queue.list", skip_all, fields(project.id = %project))]
    pub async fn list_queues(
        &mut self,
        project: ProjectId,
        after: Option<&QueueName>,
        limit: u32,
    ) -> Result<Page<Queue, QueueName>, Error> {
        const SQL: &str = select_queue!("where project_id = $1 and name > $2 order by name limit $3");
        let rows: Vec<QueueRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(project.to_string())
                .bind(after.map_or("", QueueName::as_str))
                .bind(one_more(limit))
                .fetch_all(connection).await
        })?;
        let queues = rows.into_iter().map(Queue::try_from).collect::<Result<_, _>>()?;
        Ok(Page::cut(queues, limit, |queue: &Queue| queue.name.clone()))
    }

    /// The queues of all projects, newest first, behind the queue `after`: for work in the background.
    #[tracing::instrument(name = "store.queue.list_all", skip_all)]
    pub async fn list_all_queues(&mut self, after: Option<QueueId>, limit: u32) -> Result<Page<Queue, QueueId>, Error> {
        const SQL: &str = select_queue!("where id < $1 order by id desc limit $2");
        let rows: Vec<QueueRow> = on!(self, connection => {
            sqlx::query_as(SQL)
                .bind(after.map_or_else(|| BEHIND_ALL.to_owned(), |id| id.to_string()))
                .bind(one_more(limit))
                .fetch_all(connection).await
        })?;
        let queues = rows.into_iter().map(Queue::try_from).collect::<Result<_, _>>()?;
        Ok(Page::cut(queues, limit, |queue: &Queue| queue.id))
    }
}

impl Transaction {
    /// Adds `queue`, empty.
    ///
    /// # Errors
    ///
    /// [`Error::Duplicate`] if the project has a queue of that name.
    #[tracing::instrument(name = "store.queue.insert", skip_all, fields(queue.id = %queue.id))]
    pub async fn insert_queue(&mut self, queue: &Queue) -> Result<(), Error> {
        const SQL: &str = "
            insert into queue (id, project_id, name, retention_s, dead_letter_queue, paused, created_at_us, revision)
            values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(queue.id.to_string())
                .bind(queue.project_id.to_string())
                .bind(queue.name.as_str())
                .bind(i64::from(queue.retention_s))
                .bind(queue.dead_letter_queue.as_ref().map(QueueName::as_str))
                .bind(i64::from(queue.paused))
                .bind(queue.created_at_us.as_us())
                .bind(queue.revision)
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        if rows == 1 { Ok(()) } else { Err(Error::Duplicate) }
    }

    /// Changes a queue's retention, its dead-letter queue and whether it is paused. `false` if it is gone, or
    /// not at the revision `expected`.
    #[tracing::instrument(name = "store.queue.update", skip_all, fields(queue.id = %queue.id))]
    pub async fn update_queue(&mut self, queue: &Queue, expected: Option<i64>) -> Result<bool, Error> {
        const SQL: &str = "
            update queue set retention_s = $2, dead_letter_queue = $3, paused = $4, revision = revision + 1
            where id = $1 and revision = coalesce($5, revision)";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(queue.id.to_string())
                .bind(i64::from(queue.retention_s))
                .bind(queue.dead_letter_queue.as_ref().map(QueueName::as_str))
                .bind(i64::from(queue.paused))
                .bind(expected)
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Deletes a queue with the messages that are left in it, which should be few: all of them are deleted at
    /// once. `false` if it is gone, or not at the revision `expected`.
    #[tracing::instrument(name = "store.queue.delete", skip_all, fields(queue.id = %id))]
    pub async fn delete_queue(&mut self, id: QueueId, expected: Option<i64>) -> Result<bool, Error> {
        const SQL: &str = "delete from queue where id = $1 and revision = coalesce($2, revision)";
        let rows = on!(self, connection => {
            sqlx::query(SQL)
                .bind(id.to_string())
                .bind(expected)
                .execute(connection).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }
}

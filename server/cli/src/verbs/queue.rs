//! `dormouse queue`.

use clap::{Args, Subcommand};
use domain::{QueueName, Timestamp, queue::MessageState};

use crate::{
    error::Error,
    figures,
    output::{Output, Tone},
    scope::Scope,
};

mod redrive;
mod send;

/// Works on queues.
#[derive(Debug, Subcommand)]
pub enum Queue {
    /// List the project's queues and what they hold
    List,
    /// Create a queue
    Create(Create),
    /// Show a queue and what it holds
    Show {
        /// The queue
        queue: QueueName,
    },
    /// Send a message and print its id once it is on disk
    Send(send::Send),
    /// Show messages without taking any
    Peek(Peek),
    /// Delete all messages of a queue
    Purge {
        /// The queue
        queue: QueueName,
        /// The queue's name once more
        #[arg(long, value_name = "QUEUE")]
        confirm: String,
    },
    /// Have a queue hand out nothing until it is resumed
    Pause {
        /// The queue
        queue: QueueName,
    },
    /// Have a queue hand out messages again
    Resume {
        /// The queue
        queue: QueueName,
    },
    /// Move a queue's messages back to where they came from, or to another queue
    Redrive(redrive::Redrive),
    /// Delete a queue
    Delete {
        /// The queue
        queue: QueueName,
        /// Delete its messages with it
        #[arg(long)]
        with_messages: bool,
    },
}

/// Creates a queue.
#[derive(Args, Debug)]
pub struct Create {
    /// The queue's name
    queue: QueueName,
    /// How long it keeps messages, such as 14d or 12h; 14 days by default
    #[arg(long, value_name = "SPAN", value_parser = figures::parse_span)]
    retention: Option<u32>,
    /// Its dead-letter queue, which must be there
    #[arg(long, value_name = "QUEUE")]
    dead_letter_queue: Option<QueueName>,
}

/// Shows messages without taking any.
#[derive(Args, Debug)]
pub struct Peek {
    /// The queue
    queue: QueueName,
    /// How many messages at most: 1 to 200
    #[arg(long, default_value_t = 20)]
    limit: u32,
    /// Where to go on: the next_cursor of the page before
    #[arg(long)]
    cursor: Option<String>,
}

impl Queue {
    pub(crate) async fn run(self, scope: &Scope<'_>, output: &Output, now: Timestamp) -> Result<(), Error> {
        let project = scope.project().await?;
        let root = format!("/projects/{project}/queues");
        let client = scope.client();
        match self {
            Self::List => list(scope, &root, output, now).await,
            Self::Create(create) => create.run(scope, &root, output).await,
            Self::Show { queue } => {
                let queue: wire::Queue = client.get(&format!("{root}/{queue}")).await?;
                show(&queue, output, now)
            }
            Self::Send(send) => send.run(scope, &root, output).await,
            Self::Peek(peek) => peek.run(scope, &root, output, now).await,
            Self::Purge { queue, confirm } => {
                let body = wire::PurgeQueue { queue: confirm };
                let purged: wire::PurgedQueue = client.post(&format!("{root}/{queue}/purge"), &body).await?;
                if output.json() {
                    return output.data(&purged);
                }
                output.say(&format!("{} messages of {queue} are deleted.", purged.messages));
                Ok(())
            }
            Self::Pause { queue } => {
                let paused: wire::Queue = client.post(&format!("{root}/{queue}/pause"), &()).await?;
                show(&paused, output, now)?;
                output.next(&format!("dormouse queue resume {queue}"));
                Ok(())
            }
            Self::Resume { queue } => {
                let resumed: wire::Queue = client.post(&format!("{root}/{queue}/resume"), &()).await?;
                show(&resumed, output, now)
            }
            Self::Redrive(redrive) => redrive.run(scope, &root, output).await,
            Self::Delete { queue, with_messages } => {
                client.delete(&format!("{root}/{queue}?with_messages={with_messages}")).await?;
                output.say(&format!("The queue {queue} is deleted."));
                Ok(())
            }
        }
    }
}

impl Create {
    async fn run(self, scope: &Scope<'_>, root: &str, output: &Output) -> Result<(), Error> {
        let body = wire::CreateQueue {
            name: self.queue.to_string(),
            retention_s: self.retention,
            dead_letter_queue: self.dead_letter_queue.map(String::from),
        };
        let queue: wire::Queue = scope.client().post(root, &body).await?;
        if output.json() {
            return output.data(&queue);
        }
        output.say(&format!("The queue {} is there; it keeps messages for {} s.", queue.name, queue.retention_s));
        output.next(&format!("dormouse queue send {} hello", queue.name));
        Ok(())
    }
}

impl Peek {
    async fn run(self, scope: &Scope<'_>, root: &str, output: &Output, now: Timestamp) -> Result<(), Error> {
        let cursor = self.cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let path = format!("{root}/{}/messages?limit={}{cursor}", self.queue, self.limit);
        let page: wire::Page<wire::QueueMessage> = scope.client().get(&path).await?;
        if output.json() {
            return output.data(&page);
        }
        if page.items.is_empty() {
            output.say(&format!("The queue {} is empty.", self.queue));
            return Ok(());
        }
        let rows = page.items.iter().map(|message| {
            let state = match message.state {
                MessageState::Ready => "ready".to_owned(),
                MessageState::Delayed => figures::until(now, message.available_at_us),
                MessageState::InFlight => "in flight".to_owned(),
            };
            let error = message.errors.last().map(|last| last.error.clone()).unwrap_or_default();
            let sent = figures::ago(now, message.first_enqueued_at_us);
            vec![message.id.clone(), state, sent, message.attempts.to_string(), beginning(message), error]
        });
        output.table(&["ID", "STATE", "SENT", "ATTEMPTS", "BODY", "LAST ERROR"], rows.collect())?;
        if let Some(next) = page.next_cursor {
            output.next(&format!("dormouse queue peek {} --cursor {next}", self.queue));
        }
        Ok(())
    }
}

async fn list(scope: &Scope<'_>, root: &str, output: &Output, now: Timestamp) -> Result<(), Error> {
    let page: wire::Page<wire::Queue> = scope.client().get(&format!("{root}?limit=200")).await?;
    if output.json() {
        return output.data(&page);
    }
    if page.items.is_empty() {
        output.say("No queue yet.");
        output.next("dormouse queue create orders");
        return Ok(());
    }
    let rows = page.items.iter().map(|queue| {
        let depth = &queue.depth;
        let oldest = depth.oldest_at_us.map_or_else(String::new, |oldest| figures::ago(now, oldest));
        let state = if queue.paused { "paused" } else { "open" };
        vec![
            queue.name.clone(),
            state.to_owned(),
            depth.messages.to_string(),
            depth.in_flight.to_string(),
            depth.delayed.to_string(),
            oldest,
            queue.dead_letter_queue.clone().unwrap_or_default(),
        ]
    });
    output.table(&["QUEUE", "STATE", "MESSAGES", "IN FLIGHT", "DELAYED", "OLDEST", "DEAD LETTERS TO"], rows.collect())
}

fn show(queue: &wire::Queue, output: &Output, now: Timestamp) -> Result<(), Error> {
    if output.json() {
        return output.data(queue);
    }
    let depth = &queue.depth;
    let state = if queue.paused { output.tinted_line(Tone::Bad, "paused") } else { "open".to_owned() };
    output.line(&format!("{}  {state}", output.tinted_line(Tone::Bold, &queue.name)))?;
    let oldest = depth.oldest_at_us.map_or_else(|| "none".to_owned(), |oldest| figures::ago(now, oldest));
    let letters = queue.dead_letter_queue.as_deref().unwrap_or("none");
    for (what, value) in [
        ("messages", depth.messages.to_string()),
        ("in flight", depth.in_flight.to_string()),
        ("delayed", depth.delayed.to_string()),
        ("oldest", oldest),
        ("sent", depth.sent.to_string()),
        ("acknowledged", depth.acknowledged.to_string()),
        ("dead", depth.dead.to_string()),
        ("expired", depth.expired.to_string()),
        ("keeps", format!("{} s", queue.retention_s)),
        ("dead letters to", letters.to_owned()),
    ] {
        output.line(&format!("  {what:<16}{value}"))?;
    }
    Ok(())
}

/// What there is room for of a body in one line.
fn beginning(message: &wire::QueueMessage) -> String {
    const ROOM: usize = 40;
    if message.body_is_base64 {
        return figures::bytes(message.body_bytes);
    }
    let line: String = message.body.chars().take(ROOM).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let whole = !message.body_truncated && message.body.chars().nth(ROOM).is_none();
    if whole { line } else { format!("{line}…") }
}

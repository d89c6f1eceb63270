//! `dormouse queue send`.

use clap::Args;
use domain::QueueName;

use crate::{error::Error, figures, input, output::Output, scope::Scope};

/// Sends a message and prints its id once it is on disk.
#[derive(Args, Debug)]
pub struct Send {
    /// The queue
    queue: QueueName,
    /// The body; @FILE or @- reads it from a file or from standard input
    body: String,
    /// The body's type
    #[arg(long, value_name = "TYPE", default_value = "text/plain")]
    content_type: String,
    /// A name and a value that go with it, such as colour=grey; up to ten times
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_attribute)]
    attribute: Vec<(String, String)>,
    /// Hand it out in order with the others of this group
    #[arg(long)]
    group: Option<String>,
    /// Send it once, though the command is repeated within 5 minutes
    #[arg(long, value_name = "KEY")]
    deduplication_key: Option<String>,
    /// Hold it back as long, such as 30s or 15m
    #[arg(long, value_name = "SPAN", value_parser = figures::parse_span)]
    delay: Option<u32>,
}

impl Send {
    pub(super) async fn run(self, scope: &Scope<'_>, root: &str, output: &Output) -> Result<(), Error> {
        let (body, body_is_base64) = input::read_text(self.body).await?;
        let message = wire::SendMessage {
            body,
            body_is_base64,
            content_type: Some(self.content_type),
            attributes: self.attribute.into_iter().collect(),
            group: self.group,
            deduplication_key: self.deduplication_key,
            delay_ms: self.delay.unwrap_or(0).saturating_mul(1_000),
        };
        let path = format!("{root}/{}/messages", self.queue);
        let sent: wire::SentMessage = scope.client().post(&path, &message).await?;
        if output.json() {
            return output.data(&sent);
        }
        output.line(&sent.id)?;
        output.next(&format!("dormouse queue peek {}", self.queue));
        Ok(())
    }
}

fn parse_attribute(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write a name, = and a value")?;
    Ok((name.to_owned(), value.to_owned()))
}

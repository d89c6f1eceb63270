//! `dormouse queue send`.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use clap::Args;
use domain::QueueName;
use tokio::io::AsyncReadExt as _;

use crate::{error::Error, figures, output::Output, scope::Scope};

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
        let (body, body_is_base64) = match String::from_utf8(read(self.body).await?) {
            Ok(text) => (text, false),
            Err(error) => (BASE64_STANDARD.encode(error.as_bytes()), true),
        };
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

/// The body as given, or what a file or standard input holds.
async fn read(data: String) -> Result<Vec<u8>, Error> {
    let Some(path) = data.strip_prefix('@') else { return Ok(data.into_bytes()) };
    let mut bytes = Vec::new();
    let read = if path == "-" {
        tokio::io::stdin().read_to_end(&mut bytes).await.map(|_| bytes)
    } else {
        tokio::fs::read(path).await
    };
    read.map_err(|source| Error::File { path: path.to_owned(), source })
}

fn parse_attribute(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write a name, = and a value")?;
    Ok((name.to_owned(), value.to_owned()))
}

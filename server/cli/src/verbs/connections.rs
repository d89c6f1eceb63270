//! `dormouse connections`.

mod watch;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use clap::{Args, Subcommand};
use domain::{FunctionName, GroupName, Timestamp, VersionNumber, id::ConnectionId};

use crate::{
    client::segment,
    error::Error,
    figures, input,
    output::{Output, Tone},
    scope::Scope,
};

/// Works on open WebSockets.
#[derive(Debug, Subcommand)]
pub enum Connections {
    /// List open connections, newest first
    List(List),
    /// Count open connections by function and version
    Count,
    /// Show a connection
    Show {
        /// The connection, con_…
        id: ConnectionId,
    },
    /// Print what passes over a connection until it closes
    Watch {
        /// The connection, con_…
        id: ConnectionId,
    },
    /// Send a message to a connection
    Send(Send),
    /// Send a message to all members of a group
    Publish(Publish),
    /// Close a connection
    Close {
        /// The connection, con_…
        id: ConnectionId,
        /// The code of the closing frame: 1000, or 3000 to 4999
        #[arg(long, default_value_t = 1_000)]
        code: u16,
        /// Its reason: at most 123 bytes
        #[arg(long, default_value = "")]
        reason: String,
    },
}

/// Lists open connections, newest first.
#[derive(Args, Debug)]
pub struct List {
    /// Those of this function
    #[arg(long)]
    function: Option<FunctionName>,
    /// Those whose messages this version handles
    #[arg(long, value_name = "VERSION")]
    on: Option<VersionNumber>,
    /// The members of this group
    #[arg(long)]
    group: Option<GroupName>,
    /// How many at most: 1 to 200
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// Where to go on: the next_cursor of the page before
    #[arg(long)]
    cursor: Option<String>,
}

/// What to send.
#[derive(Args, Debug)]
struct Body {
    /// The message; @FILE or @- reads it from a file or from standard input
    body: String,
    /// Send it as a binary message
    #[arg(long)]
    binary: bool,
}

/// Sends a message to a connection.
#[derive(Args, Debug)]
pub struct Send {
    /// The connection, con_…
    id: ConnectionId,
    #[command(flatten)]
    body: Body,
}

/// Sends a message to all members of a group.
#[derive(Args, Debug)]
pub struct Publish {
    /// The group
    group: GroupName,
    #[command(flatten)]
    body: Body,
}

impl Connections {
    pub(crate) async fn run(self, scope: &Scope<'_>, output: &Output, now: Timestamp) -> Result<(), Error> {
        let project = scope.project().await?;
        let root = format!("/projects/{project}/connections");
        let client = scope.client();
        match self {
            Self::List(list) => list.run(scope, &root, output, now).await,
            Self::Count => count(scope, &root, output).await,
            Self::Show { id } => {
                let connection: wire::Connection = client.get(&format!("{root}/{id}")).await?;
                show(&connection, output, now)
            }
            Self::Watch { id } => watch::run(client, &format!("{root}/{id}/frames"), output).await,
            Self::Send(Send { id, body }) => {
                client.order(&format!("{root}/{id}"), &body.read().await?).await?;
                output.say(&format!("The message waits to be sent to {id}."));
                output.next(&format!("dormouse connections show {id}"));
                Ok(())
            }
            Self::Publish(Publish { group, body }) => {
                let path = format!("/projects/{project}/groups/{}", segment(group.as_str()));
                let reached: wire::GroupMembers = client.post(&path, &body.read().await?).await?;
                if output.json() {
                    return output.data(&reached);
                }
                output.say(&format!("The message waits to be sent to {} members of {group}.", reached.members));
                Ok(())
            }
            Self::Close { id, code, reason } => {
                client.delete(&format!("{root}/{id}?code={code}&reason={}", segment(&reason))).await?;
                output.say(&format!("{id} is being closed with {code}."));
                Ok(())
            }
        }
    }
}

impl Body {
    async fn read(self) -> Result<wire::SendToConnection, Error> {
        if self.binary {
            let body = BASE64_STANDARD.encode(input::read(self.body).await?);
            return Ok(wire::SendToConnection { body, body_is_base64: true });
        }
        let (body, body_is_base64) = input::read_text(self.body).await?;
        Ok(wire::SendToConnection { body, body_is_base64 })
    }
}

impl List {
    async fn run(self, scope: &Scope<'_>, root: &str, output: &Output, now: Timestamp) -> Result<(), Error> {
        let mut path = format!("{root}?limit={}", self.limit);
        let filters = [
            ("function", self.function.map(String::from)),
            ("version", self.on.map(|version| version.0.to_string())),
            ("group", self.group.map(String::from)),
            ("cursor", self.cursor),
        ];
        for (name, value) in filters {
            if let Some(value) = value {
                path = format!("{path}&{name}={}", segment(&value));
            }
        }
        let page: wire::Page<wire::Connection> = scope.client().get(&path).await?;
        if output.json() {
            return output.data(&page);
        }
        if page.items.is_empty() {
            output.say("No such connection is open.");
            return Ok(());
        }
        let rows = page.items.iter().map(|connection| {
            vec![
                connection.id.clone(),
                connection.function.clone(),
                connection.version.to_string(),
                figures::ago(now, connection.connected_at_us),
                figures::ago(now, connection.last_active_at_us),
                figures::bytes(connection.received_bytes),
                figures::bytes(connection.sent_bytes),
                connection.groups.join(", "),
            ]
        });
        output.table(&["ID", "FUNCTION", "VERSION", "OPENED", "ACTIVE", "IN", "OUT", "GROUPS"], rows.collect())?;
        if let Some(next) = page.next_cursor {
            output.next(&format!("dormouse connections list --cursor {next}"));
        }
        Ok(())
    }
}

async fn count(scope: &Scope<'_>, root: &str, output: &Output) -> Result<(), Error> {
    let counts: wire::ConnectionCounts = scope.client().get(&format!("{root}/counts")).await?;
    if output.json() {
        return output.data(&counts);
    }
    if counts.items.is_empty() {
        output.say("No connection is open.");
        return Ok(());
    }
    let rows = counts
        .items
        .iter()
        .map(|count| vec![count.function.clone(), count.version.to_string(), count.open.to_string()]);
    output.table(&["FUNCTION", "VERSION", "OPEN"], rows.collect())
}

fn show(connection: &wire::Connection, output: &Output, now: Timestamp) -> Result<(), Error> {
    if output.json() {
        return output.data(connection);
    }
    output.line(&output.tinted_line(Tone::Bold, &connection.id))?;
    let attachment = match (connection.attachment.is_empty(), connection.attachment_is_base64) {
        (true, _) => "none".to_owned(),
        (_, true) => format!("{} (base64)", connection.attachment),
        (_, false) => connection.attachment.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
    };
    let passed = |messages: u64, bytes: u64| format!("{messages} messages, {}", figures::bytes(bytes));
    for (what, value) in [
        ("function", format!("{} {}", connection.function, connection.version)),
        ("path", connection.path_with_query.clone()),
        ("from", connection.remote_address.clone()),
        ("subprotocol", connection.subprotocol.clone().unwrap_or_else(|| "none".to_owned())),
        ("groups", connection.groups.join(", ")),
        ("opened", figures::ago(now, connection.connected_at_us)),
        ("active", figures::ago(now, connection.last_active_at_us)),
        ("received", passed(connection.received, connection.received_bytes)),
        ("sent", passed(connection.sent, connection.sent_bytes)),
        ("waiting", figures::bytes(connection.waiting_bytes)),
        ("attachment", attachment),
    ] {
        output.line(&format!("  {what:<16}{value}"))?;
    }
    output.next(&format!("dormouse connections watch {}", connection.id));
    Ok(())
}

//! What is said on a WebSocket, and to whom it is told.

use dormouse::websocket::{self, Accept, Connection, Error, Message, Refuse, Request, WebSocket};
use serde::{Deserialize, Serialize};

use crate::room::{Room, Unfit};

/// The longest text that anyone says at once, in characters.
const MAX_TEXT: usize = 2_000;

/// What a client sends.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Asked {
    Join { name: String },
    Say { text: String },
}

/// What a client gets.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Told<'a> {
    /// Who is there. One with a lower revision than what was seen before is late and says nothing new.
    Presence {
        revision: u64,
        present: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        joined: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        left: Option<&'a str>,
    },
    Said {
        name: &'a str,
        text: &'a str,
    },
    Refused {
        reason: String,
    },
}

/// What is attached to the connection of someone who has joined.
#[derive(Serialize, Deserialize)]
struct Member {
    name: String,
}

struct Chat;

dormouse::websocket!(Chat);

impl WebSocket for Chat {
    fn connect(request: &Request) -> Result<Accept, Refuse> {
        match Room::of(&request.path_with_query) {
            Some(_) => Ok(Accept::default()),
            None => Err(Refuse::new(404, "a room has a name of 1 to 64 of a-z, 0-9 and -\n")),
        }
    }

    fn message(connection: &Connection, message: Message) {
        let done = match message.parse::<Asked>() {
            Ok(Asked::Join { name }) => join(connection, name.trim()),
            Ok(Asked::Say { text }) => say(connection, text.trim()),
            Err(error) => Err(Unfit(format!("this is no message of the chat: {error}"))),
        };
        if let Err(Unfit(reason)) = done {
            tell(connection.send_json(&Told::Refused { reason }));
        }
    }

    fn close(connection: &Connection, _: u16, _: &str) {
        if let (Some(room), Ok(Some(member))) = (Room::of(&connection.path_with_query), connection.attachment_as()) {
            let Member { name } = member;
            match room.leave(&connection.id) {
                Ok(now) => {
                    let (revision, present) = (now.revision, now.names());
                    let told = Told::Presence { revision, present, joined: None, left: Some(&name) };
                    tell(websocket::publish_json(room.group(), &told).map(drop));
                }
                Err(Unfit(reason)) => dormouse::log!("{name} is still thought to be in {}: {reason}", room.group()),
            }
        }
    }
}

fn join(connection: &Connection, name: &str) -> Result<(), Unfit> {
    let room = Room::of(&connection.path_with_query).ok_or_else(|| Unfit("there is no such room".to_owned()))?;
    if connection.attachment_as::<Member>().is_ok_and(|member| member.is_some()) {
        return Err(Unfit("you have a name already".to_owned()));
    }
    // First into the group: whoever comes after is told to this one, and what is told twice does no harm.
    connection.join(room.group())?;
    let now = match room.join(&connection.id, name) {
        Ok(now) => now,
        Err(unfit) => {
            connection.leave(room.group())?;
            return Err(unfit);
        }
    };
    connection.attach(&Member { name: name.to_owned() })?;
    let told = Told::Presence { revision: now.revision, present: now.names(), joined: Some(name), left: None };
    websocket::publish_json(room.group(), &told)?;
    Ok(())
}

fn say(connection: &Connection, text: &str) -> Result<(), Unfit> {
    let member = connection.attachment_as::<Member>().ok().flatten();
    let Member { name } = member.ok_or_else(|| Unfit("say who you are first".to_owned()))?;
    let room = Room::of(&connection.path_with_query).ok_or_else(|| Unfit("there is no such room".to_owned()))?;
    if !(1..=MAX_TEXT).contains(&text.chars().count()) {
        return Err(Unfit(format!("say something of 1 to {MAX_TEXT} characters")));
    }
    websocket::publish_json(room.group(), &Told::Said { name: &name, text })?;
    Ok(())
}

/// Tells the log why a client was not told.
fn tell(result: Result<(), Error>) {
    if let Err(error) = result {
        dormouse::log!("not told: {error:?}");
    }
}

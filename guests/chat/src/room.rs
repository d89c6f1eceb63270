//! Who is in a room: kept by key, so that every instance sees the same.

use std::collections::BTreeMap;

use dormouse::{
    key_value,
    websocket::{self, Error},
};
use serde::{Deserialize, Serialize};

/// The bucket that the version's `key_value` has to list.
const BUCKET: &str = "chat";
/// The most people in one room: all are told who all are.
const MAX_PEOPLE: usize = 100;
/// The longest name, in characters.
const MAX_NAME: usize = 32;

/// Why something was not done, in words for the client.
pub struct Unfit(pub String);

/// A room, by its name: 1 to 64 of `a-z`, `0-9` and `-`. Its group has the same name behind `room:`.
pub struct Room(String);

/// Who is in a room.
#[derive(Default, Serialize, Deserialize)]
pub struct Present {
    /// How often it has changed.
    pub revision: u64,
    /// Names by connection.
    people: BTreeMap<String, String>,
}

impl Room {
    /// The room of a path: its last part.
    pub fn of(path_with_query: &str) -> Option<Self> {
        let path = path_with_query.split('?').next()?;
        let name = path.rsplit('/').next()?;
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        ((1..=64).contains(&name.len()) && name.bytes().all(fits)).then(|| Self(format!("room:{name}")))
    }

    /// The group of all who are in it.
    pub fn group(&self) -> &str {
        &self.0
    }

    /// Takes someone in whose name nobody has.
    ///
    /// # Errors
    ///
    /// The name is taken or out of bounds, the room is full, or nothing can be kept.
    pub fn join(&self, connection: &str, name: &str) -> Result<Present, Unfit> {
        if !(1..=MAX_NAME).contains(&name.chars().count()) || name.contains(char::is_control) {
            return Err(Unfit(format!("use a name of 1 to {MAX_NAME} characters")));
        }
        let now = self.change(|present| {
            present.forget_the_gone(connection);
            let is_free = present.people.values().all(|taken| taken != name);
            if is_free && present.people.len() < MAX_PEOPLE {
                present.people.insert(connection.to_owned(), name.to_owned());
            }
        })?;
        if now.people.contains_key(connection) {
            Ok(now)
        } else if now.people.len() >= MAX_PEOPLE {
            Err(Unfit(format!("the room is full: {MAX_PEOPLE} are in it")))
        } else {
            Err(Unfit(format!("{name} is here already; use another name")))
        }
    }

    /// Takes someone out; nobody may have been there.
    ///
    /// # Errors
    ///
    /// Nothing can be kept.
    pub fn leave(&self, connection: &str) -> Result<Present, Unfit> {
        self.change(|present| {
            present.people.remove(connection);
        })
    }

    /// Changes who is there. Two that change it at the same time do so one after the other, in the order of revisions.
    fn change(&self, change: impl Fn(&mut Present)) -> Result<Present, Unfit> {
        let bucket = key_value::open(BUCKET)?;
        let value = bucket.update(self.group(), |value| {
            let mut present: Present = value.and_then(|value| serde_json::from_slice(&value).ok()).unwrap_or_default();
            change(&mut present);
            present.revision += 1;
            // A map of texts and a number can always be written.
            serde_json::to_vec(&present).unwrap_or_default()
        })?;
        serde_json::from_slice(&value).map_err(|error| Unfit(error.to_string()))
    }
}

impl Present {
    /// All names, in their order.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.people.values().cloned().collect();
        names.sort_unstable();
        names
    }

    /// Takes those out whose connections are gone, but for `joining`: a server that stopped suddenly told nobody.
    fn forget_the_gone(&mut self, joining: &str) {
        self.people.retain(|id, _| id == joining || !matches!(websocket::info(id), Err(Error::Gone)));
    }
}

impl From<key_value::Error> for Unfit {
    fn from(error: key_value::Error) -> Self {
        dormouse::log!("the room cannot be kept: {error}");
        Self("the room cannot be opened now".to_owned())
    }
}

impl From<Error> for Unfit {
    fn from(error: Error) -> Self {
        dormouse::log!("the connection cannot be used: {error:?}");
        Self("this cannot be done now".to_owned())
    }
}

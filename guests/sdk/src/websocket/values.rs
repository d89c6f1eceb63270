//! What the values of a WebSocket's events are made from, and made into.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Error as JsonError;

use super::{Accept, Connection, ConnectionInfo, Error, Message, Refuse, Request};

impl Message {
    /// `value` as JSON, in a text message.
    ///
    /// # Errors
    ///
    /// The value cannot be written as JSON, such as a map whose keys are no text.
    pub fn json<T: Serialize>(value: &T) -> Result<Self, JsonError> {
        serde_json::to_string(value).map(Self::Text)
    }

    /// Reads the message as JSON, whether it is text or binary.
    ///
    /// # Errors
    ///
    /// The message is no JSON, or not of this shape.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        serde_json::from_slice(self.bytes())
    }

    /// Its text; nothing where it is binary.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary(_) => None,
        }
    }

    /// What it carries.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes)
    }
}

impl Request {
    /// The first value of the header `name`, which is in lower case; nothing also where it is no UTF-8.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(found, _)| found == name)?;
        std::str::from_utf8(value).ok()
    }

    /// The value of the route's parameter `name`, as it stands in the path.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        find(&self.parameters, name)
    }

    /// The query, without its question mark; empty where there is none.
    #[must_use]
    pub fn query(&self) -> &str {
        query(&self.path_with_query)
    }

    /// Whether the client offers the subprotocol `name`.
    #[must_use]
    pub fn offers(&self, name: &str) -> bool {
        self.subprotocols.iter().any(|offered| offered == name)
    }
}

/// A connection without a subprotocol, to which nothing is attached and which is in no group.
impl Default for Accept {
    fn default() -> Self {
        Self { subprotocol: None, attachment: Vec::new(), groups: Vec::new() }
    }
}

impl Accept {
    /// Agrees on `name`, one of the subprotocols that the client offers.
    #[must_use]
    pub fn subprotocol(mut self, name: impl Into<String>) -> Self {
        self.subprotocol = Some(name.into());
        self
    }

    /// Has the connection begin as a member of `group`, besides those that were named before.
    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.groups.push(group.into());
        self
    }

    /// Attaches `value` as JSON from the first.
    ///
    /// # Errors
    ///
    /// The value cannot be written as JSON: refused with 500.
    pub fn attach<T: Serialize>(mut self, value: &T) -> Result<Self, Refuse> {
        self.attachment = serde_json::to_vec(value).map_err(|error| Refuse::new(500, error.to_string()))?;
        Ok(self)
    }
}

impl Refuse {
    /// Answers with `status`, 400 to 599, and at most 4 KiB of text.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, body: body.into() }
    }
}

impl Connection {
    /// The value of the route's parameter `name`, as it stands in the path.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        find(&self.parameters, name)
    }

    /// The query that the client asked for, without its question mark; empty where there was none.
    #[must_use]
    pub fn query(&self) -> &str {
        query(&self.path_with_query)
    }

    /// Reads what was attached when this call began as JSON; nothing where nothing was.
    ///
    /// # Errors
    ///
    /// It is no JSON, or not of this shape.
    pub fn attachment_as<T: DeserializeOwned>(&self) -> Result<Option<T>, JsonError> {
        if self.attachment.is_empty() { Ok(None) } else { serde_json::from_slice(&self.attachment).map(Some) }
    }

    /// Attaches `value` as JSON, of at most 16 KiB, in the place of what was attached before. The calls to come see it,
    /// not this one.
    ///
    /// # Errors
    ///
    /// As for [`super::set_attachment`]; [`Error::Invalid`] when the value cannot be written as JSON.
    pub fn attach<T: Serialize>(&self, value: &T) -> Result<(), Error> {
        let value = serde_json::to_vec(value).map_err(|error| Error::Invalid(error.to_string()))?;
        super::set_attachment(&self.id, &value)
    }

    /// As [`super::send`].
    ///
    /// # Errors
    ///
    /// As for it.
    pub fn send(&self, message: impl Into<Message>) -> Result<(), Error> {
        super::send(&self.id, message)
    }

    /// As [`super::send_json`].
    ///
    /// # Errors
    ///
    /// As for it.
    pub fn send_json<T: Serialize>(&self, value: &T) -> Result<(), Error> {
        super::send_json(&self.id, value)
    }

    /// As [`super::close`].
    ///
    /// # Errors
    ///
    /// As for it.
    pub fn close(&self, code: u16, reason: &str) -> Result<(), Error> {
        super::close(&self.id, code, reason)
    }

    /// As [`super::join`].
    ///
    /// # Errors
    ///
    /// As for it.
    pub fn join(&self, group: &str) -> Result<(), Error> {
        super::join(&self.id, group)
    }

    /// As [`super::leave`].
    ///
    /// # Errors
    ///
    /// As for it.
    pub fn leave(&self, group: &str) -> Result<(), Error> {
        super::leave(&self.id, group)
    }

    /// As [`super::info`].
    ///
    /// # Errors
    ///
    /// As for it.
    pub fn info(&self) -> Result<ConnectionInfo, Error> {
        super::info(&self.id)
    }
}

fn find<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
}

fn query(path_with_query: &str) -> &str {
    path_with_query.split_once('?').map_or("", |(_, query)| query)
}

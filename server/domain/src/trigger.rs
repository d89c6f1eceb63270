//! What binds an event source to a function.

mod cron;
mod http;
mod queue;
mod websocket;

use serde::{Deserialize, Serialize};

pub use self::{
    cron::{CatchUp, CronTrigger, Overlap},
    http::HttpTrigger,
    queue::QueueTrigger,
    websocket::{Migrate, WebSocketTrigger},
};
use crate::{FunctionName, Handler, Invalid, PathPattern};

/// Binds an event source to a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Trigger {
    /// HTTP requests to the project's host.
    Http(HttpTrigger),
    /// The messages of a queue, in batches.
    Queue(QueueTrigger),
    /// The slots of a schedule.
    Cron(CronTrigger),
    /// What happens on WebSockets.
    WebSocket(WebSocketTrigger),
}

impl Trigger {
    /// The triggers of a function that was never given any and has `handlers`: everything below its name.
    ///
    /// # Errors
    ///
    /// None in practice: every function name makes a valid pattern.
    pub fn default_for(function: &FunctionName, handlers: &[Handler]) -> Result<Vec<Self>, Invalid> {
        let path: PathPattern = format!("/{function}/{{*rest}}").parse()?;
        let trigger = |handler: &Handler| match handler {
            Handler::Http => Some(Self::Http(HttpTrigger { path: path.clone(), methods: Vec::new(), host: None })),
            Handler::WebSocket => Some(Self::WebSocket(WebSocketTrigger::at(path.clone()))),
            Handler::Queue | Handler::Cron | Handler::Function => None,
        };
        Ok(handlers.iter().filter_map(trigger).collect())
    }

    /// Checks every field against its bounds.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the first field out of bounds.
    pub fn check(&self) -> Result<(), Invalid> {
        match self {
            Self::Http(http) => http.check(),
            Self::Queue(queue) => queue.check(),
            Self::Cron(cron) => cron.check(),
            Self::WebSocket(websocket) => websocket.check(),
        }
    }

    /// It in one line for people, every field told.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Http(http) => http.in_words(),
            Self::Queue(queue) => queue.in_words(),
            Self::Cron(cron) => cron.in_words(),
            Self::WebSocket(websocket) => websocket.in_words(),
        }
    }

    /// What a component has to handle for it.
    #[must_use]
    pub const fn handler(&self) -> Handler {
        match self {
            Self::Http(_) => Handler::Http,
            Self::Queue(_) => Handler::Queue,
            Self::Cron(_) => Handler::Cron,
            Self::WebSocket(_) => Handler::WebSocket,
        }
    }

    /// The HTTP trigger, where it is one.
    #[must_use]
    pub const fn as_http(&self) -> Option<&HttpTrigger> {
        if let Self::Http(http) = self { Some(http) } else { None }
    }

    /// The queue's trigger, where it is one.
    #[must_use]
    pub const fn as_queue(&self) -> Option<&QueueTrigger> {
        if let Self::Queue(queue) = self { Some(queue) } else { None }
    }

    /// The WebSocket's trigger, where it is one.
    #[must_use]
    pub const fn as_websocket(&self) -> Option<&WebSocketTrigger> {
        if let Self::WebSocket(websocket) = self { Some(websocket) } else { None }
    }

    /// The schedule's trigger, where it is one.
    #[must_use]
    pub const fn as_cron(&self) -> Option<&CronTrigger> {
        if let Self::Cron(cron) = self { Some(cron) } else { None }
    }
}

/// Checks a whole number against its bounds.
fn within(field: &str, value: u32, least: u32, most: u32) -> Result<(), Invalid> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Invalid::new(field, format!("is {value}; use {least} to {most}")))
}

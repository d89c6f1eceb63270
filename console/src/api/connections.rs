//! Open WebSocket connections, and watching what passes over one.

use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{EventSource, MessageEvent};
use wire::{Connection, ConnectionFrame, ConnectionHistory, GroupMembers, Page, SendToConnection};

use super::{Api, Reply, encoded, project_path};
use crate::json;

/// What a watched connection tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// A message passed.
    Frame(ConnectionFrame),
    /// So many messages passed that were not sent here, since they came too fast.
    Missed(u64),
    /// It is closed.
    Closed,
}

/// Keeps watching until it is dropped.
pub(crate) struct Watch {
    source: EventSource,
    _tell: Closure<dyn Fn(MessageEvent)>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.source.close();
    }
}

impl Api {
    /// Reads a project's open connections, newest first; of them what `query` asks for, such as `?function=chat`.
    pub(crate) fn list_connections(self, project: &str, query: &str, pages: u32) -> Reply<Page<Connection>> {
        self.get_list(format!("{}/connections{query}", project_path(project)), pages)
    }

    /// Reads how many connections a project had within the last hour, by function and version.
    pub(crate) fn connection_history(self, project: &str) -> Reply<ConnectionHistory> {
        self.get(format!("{}/connections/history", project_path(project)))
    }

    /// Sends a message to the members of a group.
    pub(crate) fn publish_to_group(
        self,
        project: &str,
        group: &str,
        message: &SendToConnection,
    ) -> Reply<GroupMembers> {
        self.post(format!("{}/groups/{}", project_path(project), encoded(group)), message)
    }

    /// Reads an open connection.
    pub(crate) fn find_connection(self, project: &str, id: &str) -> Reply<Connection> {
        self.get(connection_path(project, id))
    }

    /// Sends a message to a connection.
    pub(crate) fn send_to_connection(self, project: &str, id: &str, body: String) -> Reply<()> {
        self.post(connection_path(project, id), &SendToConnection { body, body_is_base64: false })
    }

    /// Closes a connection.
    pub(crate) fn close_connection(self, project: &str, id: &str, code: &str, reason: &str) -> Reply<()> {
        let path = connection_path(project, id);
        self.delete(format!("{path}?code={}&reason={}", encoded(code), encoded(reason)))
    }

    /// Tells `tell` what passes over a connection from now on. Nothing where the browser cannot.
    pub(crate) fn watch_connection(self, project: &str, id: &str, tell: impl Fn(Told) + 'static) -> Option<Watch> {
        let source = EventSource::new(&format!("/api/v1{}/frames", connection_path(project, id))).ok()?;
        let ended = source.clone();
        let tell = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data().as_string().unwrap_or_default();
            match event.type_().as_str() {
                "closed" => {
                    // Else the browser would ask again and again.
                    ended.close();
                    tell(Told::Closed);
                }
                "missed" => tell(Told::Missed(data.parse().unwrap_or_default())),
                _ => {
                    if let Some(frame) = json::read(&data) {
                        tell(Told::Frame(frame));
                    }
                }
            }
        });
        for kind in ["frame", "missed", "closed"] {
            source.add_event_listener_with_callback(kind, tell.as_ref().unchecked_ref()).ok()?;
        }
        Some(Watch { source, _tell: tell })
    }
}

/// The address of a connection in the API.
fn connection_path(project: &str, id: &str) -> String {
    format!("{}/connections/{}", project_path(project), encoded(id))
}

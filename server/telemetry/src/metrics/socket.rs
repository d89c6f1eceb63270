//! Open WebSockets, and what passes over them.

use domain::VersionNumber;
use opentelemetry::{
    KeyValue,
    metrics::{BoundCounter, BoundUpDownCounter, Counter, Meter, UpDownCounter},
};

use super::{Metrics, counter, names, up_down};

pub(super) struct Instruments {
    open: UpDownCounter<i64>,
    closed: Counter<u64>,
    messages: Counter<u64>,
    io: Counter<u64>,
}

impl Instruments {
    pub(super) fn new(meter: &Meter) -> Self {
        Self {
            open: up_down(meter, names::WEBSOCKETS),
            closed: counter(meter, names::WEBSOCKETS_CLOSED),
            messages: counter(meter, names::WEBSOCKET_MESSAGES),
            io: counter(meter, names::WEBSOCKET_IO),
        }
    }
}

/// One open WebSocket, counted for as long as this lives. What is counted for each message is bound beforehand.
#[derive(Debug)]
pub struct OpenSocket {
    open: BoundUpDownCounter<i64>,
    received: Direction,
    transmitted: Direction,
}

#[derive(Debug)]
struct Direction {
    messages: BoundCounter<u64>,
    io: BoundCounter<u64>,
}

impl Direction {
    fn count(&self, bytes: usize) {
        self.messages.add(1);
        self.io.add(bytes as u64);
    }
}

impl Metrics {
    /// Counts a WebSocket as open whose messages `version` of a function handles.
    #[must_use]
    pub fn open_socket(&self, project: &str, function: &str, version: VersionNumber) -> OpenSocket {
        let sockets = &self.0.sockets;
        let project = KeyValue::new(names::PROJECT, project.to_owned());
        let function = KeyValue::new(names::FUNCTION, function.to_owned());
        let version = KeyValue::new(names::VERSION, version.to_string());
        let direction = |direction: &'static str| {
            let attributes = [project.clone(), function.clone(), KeyValue::new(names::DIRECTION, direction)];
            Direction { messages: sockets.messages.bind(&attributes), io: sockets.io.bind(&attributes) }
        };
        let (received, transmitted) = (direction("receive"), direction("transmit"));
        let open = sockets.open.bind(&[project, function, version]);
        open.add(1);
        OpenSocket { open, received, transmitted }
    }

    /// Counts a WebSocket of a function as closed for `reason`.
    pub fn socket_closed(&self, project: &str, function: &str, reason: &'static str) {
        let attributes = [
            KeyValue::new(names::PROJECT, project.to_owned()),
            KeyValue::new(names::FUNCTION, function.to_owned()),
            KeyValue::new(names::REASON, reason),
        ];
        self.0.sockets.closed.add(1, &attributes);
    }
}

impl OpenSocket {
    /// Counts a message of `bytes` from the client.
    pub fn received(&self, bytes: usize) {
        self.received.count(bytes);
    }

    /// Counts a message of `bytes` to the client.
    pub fn transmitted(&self, bytes: usize) {
        self.transmitted.count(bytes);
    }
}

impl Drop for OpenSocket {
    fn drop(&mut self) {
        self.open.add(-1);
    }
}

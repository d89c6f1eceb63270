//! Publishes to a group in its init, when nobody is connected yet.

use dormouse::websocket::{self, Connection, Message, WebSocket};

struct Eager;

dormouse::init!(prepare);
dormouse::websocket!(Eager);

fn prepare() {
    dormouse::log!("{:?} hear of it", websocket::publish("everyone", "here I am"));
}

impl WebSocket for Eager {
    fn message(connection: &Connection, _: Message) {
        connection.send("too late").ok();
    }
}

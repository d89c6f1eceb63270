//! The examples on the running platform: people who chat, and a counter that a queue feeds.

use harness::{Actor, Project};
use serde_json::{Value, json};

use super::client::Socket;
use crate::triggers::stage::{demo, route, upload_with};

/// The triggers of the chat.
pub(super) fn chat_triggers() -> Value {
    json!([{ "type": "http", "path": "/chat/{room}" }, { "type": "websocket", "path": "/chat/{room}" }])
}

/// The project `demo` with both examples, as their heads say: at `/chat/{room}` and at `/counter`.
pub(super) async fn examples() -> (Project, Actor) {
    let (project, ada) = demo().await;
    upload_with(&ada, "chat", "chat", json!({ "key_value": ["chat"] })).await;
    route(&ada, "chat", 1, chat_triggers()).await;
    let configuration = json!({ "key_value": ["counters"], "sends_to": ["clicks"] });
    upload_with(&ada, "live-counter", "live-counter", configuration).await;
    let triggers = json!([
        { "type": "http", "path": "/counter" },
        { "type": "websocket", "path": "/counter" },
        { "type": "queue", "queue": "clicks" },
    ]);
    route(&ada, "live-counter", 1, triggers).await;
    (project, ada)
}

/// Someone in the chat.
struct Guest(Socket);

impl Guest {
    /// Enters a room, and hears of it.
    async fn enter(project: &Project, room: &str, name: &str) -> (Self, Value) {
        let mut guest = Self(Socket::open(project, &format!("/chat/{room}")).await);
        guest.send(json!({ "type": "join", "name": name })).await;
        let present = guest.hear().await;
        assert_eq!((&present["type"], &present["joined"]), (&json!("presence"), &json!(name)));
        (guest, present)
    }

    async fn send(&mut self, message: Value) {
        self.0.say(&message.to_string()).await;
    }

    async fn say(&mut self, text: &str) {
        self.send(json!({ "type": "say", "text": text })).await;
    }

    async fn hear(&mut self) -> Value {
        serde_json::from_str(&self.0.hear().await).unwrap()
    }
}

fn said(name: &str, text: &str) -> Value {
    json!({ "type": "said", "name": name, "text": text })
}

#[tokio::test]
async fn people_in_a_room_hear_each_other_and_nobody_else() {
    let (project, _) = examples().await;
    let (mut ada, alone) = Guest::enter(&project, "lobby", "ada").await;
    assert_eq!(alone["present"], json!(["ada"]));
    let (mut eve, _) = Guest::enter(&project, "kitchen", "eve").await;
    let (mut bob, both) = Guest::enter(&project, "lobby", "bob").await;
    assert_eq!(both["present"], json!(["ada", "bob"]));
    assert_eq!(ada.hear().await, both);
    for number in 0..20 {
        bob.say(&format!("from bob {number}")).await;
        assert_eq!(ada.hear().await, said("bob", &format!("from bob {number}")));
        assert_eq!(bob.hear().await, said("bob", &format!("from bob {number}")));
    }
    bob.0.leave().await;
    let left = ada.hear().await;
    assert_eq!((&left["left"], &left["present"]), (&json!("bob"), &json!(["ada"])));
    eve.say("anyone?").await;
    assert_eq!(eve.hear().await, said("eve", "anyone?"), "the kitchen heard nothing of the lobby");
}

#[tokio::test]
async fn whoever_breaks_off_has_left() {
    let (project, _) = examples().await;
    let (mut ada, _) = Guest::enter(&project, "lobby", "ada").await;
    let (bob, _) = Guest::enter(&project, "lobby", "bob").await;
    ada.hear().await;
    drop(bob);
    assert_eq!(ada.hear().await["left"], "bob");
    let (_again, present) = Guest::enter(&project, "lobby", "bob").await;
    assert_eq!(present["present"], json!(["ada", "bob"]));
}

#[tokio::test]
async fn a_chat_goes_on_while_another_version_is_deployed() {
    let (project, owner) = examples().await;
    let (mut ada, _) = Guest::enter(&project, "lobby", "ada").await;
    let version =
        upload_with(&owner, "chat", "chat", json!({ "key_value": ["chat"], "variables": { "A": "b" } })).await;
    route(&owner, "chat", version, chat_triggers()).await;
    let (mut bob, both) = Guest::enter(&project, "lobby", "bob").await;
    assert_eq!(ada.hear().await, both);
    ada.say("still here").await;
    assert_eq!((ada.hear().await, bob.hear().await), (said("ada", "still here"), said("ada", "still here")));
    let counts = owner.get("/connections/counts").await.expect(200);
    let counts: Vec<_> = counts.items().iter().map(|count| (count["version"].clone(), count["open"].clone())).collect();
    assert_eq!(counts, [(json!(1), json!(1)), (json!(version), json!(1))]);
}

#[tokio::test]
async fn a_room_that_cannot_be_is_refused_in_the_guests_words() {
    let (project, _) = examples().await;
    let (head, body) = super::client::refused(&project, "/chat/Lobby", &[]).await;
    assert_eq!((head.status, body.contains("1 to 64 of a-z")), (404, true), "{body}");
}

#[tokio::test]
async fn what_the_queue_brings_reaches_all_who_watch() {
    let (project, ada) = examples().await;
    let mut watchers = [Socket::open(&project, "/counter").await, Socket::open(&project, "/counter").await];
    for watcher in &mut watchers {
        assert_eq!(watcher.hear().await, "0");
    }
    let messages: Vec<_> = (0..25).map(|click| json!({ "body": format!("click {click}") })).collect();
    ada.post("/queues/clicks/messages/batch", json!({ "messages": messages })).await.expect(201);
    for watcher in &mut watchers {
        // Batches are counted one by one, and two of them may be told in any order.
        while watcher.hear().await != "25" {}
    }
    let mut late = Socket::open(&project, "/counter").await;
    assert_eq!(late.hear().await, "25");
}

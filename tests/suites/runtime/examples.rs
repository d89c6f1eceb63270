//! The examples with WebSockets, without sockets: what each tells whom.

use std::time::Duration;

use domain::invocation::Outcome;
use runtime::{Batch, Disposition, Function, Message, Socket, SocketAccept};
use serde_json::{Value, json};

use super::{
    stage::{Invocation, Stage, call, full},
    websockets::{connected, received, request},
};

/// A room of the chat, for whoever is opened on `stage`.
async fn chat(stage: &mut Stage) -> Function {
    stage.configuration.key_value.insert("chat".parse().unwrap());
    stage.function("chat").await
}

/// What `socket` was told since this was asked last.
fn told(stage: &Stage, socket: &Socket) -> Vec<Value> {
    stage.host.take_texts(socket).iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

/// Sends `message` as `socket`, as it stands now.
async fn sends(stage: &Stage, function: &Function, socket: &mut Socket, message: Value) {
    socket.attachment = stage.host.attached(socket);
    let report = received(function, socket, &message.to_string()).await;
    assert_eq!(report.outcome, Outcome::Ok, "{report:?}");
}

async fn closes(function: &Function, socket: &Socket) {
    let (call, report) = call();
    function.disconnect(call, socket.clone(), 1_001, String::new()).await.unwrap();
    assert_eq!(report.await.unwrap().outcome, Outcome::Ok);
}

#[tokio::test]
async fn people_in_a_room_hear_who_comes_what_is_said_and_who_goes() {
    let mut stage = Stage::new();
    let function = chat(&mut stage).await;
    let (mut ada, mut bob) = (stage.host.open_socket(), stage.host.open_socket());
    sends(&stage, &function, &mut ada, json!({ "type": "join", "name": " ada " })).await;
    let alone = json!({ "type": "presence", "revision": 1, "present": ["ada"], "joined": "ada" });
    assert_eq!(told(&stage, &ada), [alone]);
    sends(&stage, &function, &mut bob, json!({ "type": "join", "name": "bob" })).await;
    let both = json!({ "type": "presence", "revision": 2, "present": ["ada", "bob"], "joined": "bob" });
    assert_eq!((told(&stage, &ada), told(&stage, &bob)), (vec![both.clone()], vec![both]));
    sends(&stage, &function, &mut bob, json!({ "type": "say", "text": "good morning <b>" })).await;
    let said = json!({ "type": "said", "name": "bob", "text": "good morning <b>" });
    assert_eq!((told(&stage, &ada), told(&stage, &bob)), (vec![said.clone()], vec![said]));
    ada.attachment = stage.host.attached(&ada);
    stage.host.end_socket(&ada);
    closes(&function, &ada).await;
    let left = json!({ "type": "presence", "revision": 3, "present": ["bob"], "left": "ada" });
    assert_eq!(told(&stage, &bob), [left]);
}

#[tokio::test]
async fn the_chat_says_why_it_does_not_do_something() {
    let mut stage = Stage::new();
    let function = chat(&mut stage).await;
    let (mut ada, mut bob) = (stage.host.open_socket(), stage.host.open_socket());
    sends(&stage, &function, &mut ada, json!({ "type": "join", "name": "ada" })).await;
    told(&stage, &ada);
    for (message, why) in [
        (json!({ "type": "say", "text": "hello" }), "say who you are first"),
        (json!({ "type": "join", "name": "ada" }), "ada is here already"),
        (json!({ "type": "join", "name": " " }), "1 to 32 characters"),
        (json!({ "type": "join", "name": "x".repeat(33) }), "1 to 32 characters"),
        (json!({ "type": "dance" }), "no message of the chat"),
        (json!(7), "no message of the chat"),
    ] {
        sends(&stage, &function, &mut bob, message.clone()).await;
        let refused = told(&stage, &bob).remove(0);
        assert_eq!(refused["type"], "refused", "{message}");
        assert!(refused["reason"].as_str().is_some_and(|reason| reason.contains(why)), "{message}: {refused}");
    }
    sends(&stage, &function, &mut ada, json!({ "type": "say", "text": "x".repeat(2_001) })).await;
    sends(&stage, &function, &mut ada, json!({ "type": "join", "name": "eve" })).await;
    let refusals = told(&stage, &ada);
    assert!(refusals.len() == 2 && refusals.iter().all(|told| told["type"] == "refused"), "{refusals:?}");
    assert!(told(&stage, &bob).is_empty(), "who has not joined hears nothing");
    closes(&function, &bob).await;
    assert!(told(&stage, &ada).is_empty(), "who never joined does not leave");
}

#[tokio::test]
async fn who_vanished_with_a_server_is_forgotten_when_the_next_one_comes() {
    let mut stage = Stage::new();
    let function = chat(&mut stage).await;
    let (mut ada, mut again) = (stage.host.open_socket(), stage.host.open_socket());
    sends(&stage, &function, &mut ada, json!({ "type": "join", "name": "ada" })).await;
    stage.host.end_socket(&ada);
    sends(&stage, &function, &mut again, json!({ "type": "join", "name": "ada" })).await;
    assert_eq!(told(&stage, &again)[0]["present"], json!(["ada"]));
}

#[tokio::test]
async fn a_room_with_a_bad_name_is_refused() {
    let mut stage = Stage::new();
    let function = chat(&mut stage).await;
    for (target, opens) in [("/chat/lobby", true), ("/lobby-2?x=/A", true), ("/chat/", false), ("/chat/Lobby", false)] {
        let (answer, _) = connected(&function, request(target)).await;
        let answer = answer.unwrap();
        assert_eq!(answer.as_ref().ok(), opens.then(SocketAccept::default).as_ref(), "{target}");
        assert!(opens || answer.is_err_and(|refused| refused.status == 404), "{target}");
    }
}

#[tokio::test]
async fn the_pages_of_the_examples_run_nothing_but_their_own_script() {
    let stage = Stage::new();
    for (guest, target) in [("chat", "/chat/lobby"), ("live-counter", "/counter")] {
        let mut nonces = Vec::new();
        for _ in 0..2 {
            let request = http::Request::get(target).header("host", "demo.localhost").body(full("".into())).unwrap();
            let mut invocation = stage.send(guest, request).await;
            let headers = invocation.answer.as_ref().unwrap().headers();
            assert_eq!(headers["content-type"], "text/html; charset=utf-8");
            let policy = headers["content-security-policy"].to_str().unwrap().to_owned();
            assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
            let nonce = policy.split_once("script-src 'nonce-").unwrap().1.split_once('\'').unwrap().0.to_owned();
            let page = invocation.text().await;
            assert!(page.contains(&format!("<script nonce=\"{nonce}\">")), "{page}");
            for left in ["{nonce}", "{style}", "{script}", "http://", "https://"] {
                assert!(!page.contains(left), "{guest}: {left}");
            }
            nonces.push(nonce);
        }
        assert_ne!(nonces[0], nonces[1], "{guest}: each answer has its own");
    }
    let refused = stage.get("chat", "/chat/lobby").await;
    assert_eq!(refused.answer.unwrap().status(), 405);
}

/// Messages of a queue.
fn clicks(messages: usize) -> Batch {
    let message = |index| Message {
        id: format!("msg_{index}"),
        body: b"click".to_vec(),
        content_type: "text/plain".to_owned(),
        attributes: Vec::new(),
        group: None,
        receives: 1,
        enqueued_at_us: 1,
        first_enqueued_at_us: 1,
    };
    Batch { queue: "clicks".to_owned(), messages: (0..messages).map(message).collect() }
}

#[tokio::test]
async fn what_the_queue_brings_is_counted_and_told_to_all_who_watch() {
    let mut stage = Stage::new();
    stage.configuration.key_value.insert("counters".parse().unwrap());
    stage.configuration.sends_to.insert("clicks".parse().unwrap());
    stage.host.add_queue("clicks");
    let function = stage.function("live-counter").await;
    let consume = async |messages| {
        let (call, report) = call();
        let outcomes = function.consume(call, Duration::from_secs(60), clicks(messages)).await.unwrap();
        assert_eq!(outcomes, vec![Disposition::Ack; messages]);
        assert_eq!(report.await.unwrap().outcome, Outcome::Ok);
    };
    consume(2).await;
    let (early, late) = (stage.host.open_socket(), stage.host.open_socket());
    let watches = async |socket: &Socket| {
        let asked = runtime::SocketRequest { connection: socket.id.clone(), ..request("/counter") };
        assert_eq!(connected(&function, asked).await.0, Ok(Ok(SocketAccept::default())));
    };
    watches(&early).await;
    assert_eq!(stage.host.take_texts(&early), ["2"]);
    consume(3).await;
    watches(&late).await;
    consume(1).await;
    assert_eq!(
        (stage.host.take_texts(&early), stage.host.take_texts(&late)),
        (vec!["5".to_owned(), "6".to_owned()], vec!["5".to_owned(), "6".to_owned()])
    );
    let (_, report) = Invocation::whole(&function, "/counter").await;
    assert_eq!((report.outcome, stage.host.take_sent("clicks").len()), (Outcome::Ok, 1), "a POST is a click");
}

#[tokio::test]
async fn what_cannot_be_counted_is_tried_again() {
    let stage = Stage::new();
    let (call, report) = call();
    let outcomes =
        stage.function("live-counter").await.consume(call, Duration::from_secs(60), clicks(2)).await.unwrap();
    assert_eq!(outcomes, vec![Disposition::Retry(None); 2]);
    let logs = report.await.unwrap().logs;
    assert!(logs.iter().any(|line| line.text.contains("nothing was counted")), "{logs:?}");
}

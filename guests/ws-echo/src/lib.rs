//! Sends each message back as it came, but for the commands, which are text: `trap`, `spin`, `sleep`, `exit`, `memory`,
//! `close CODE REASON`, `attach TEXT`, `attachment`, `join GROUP`, `leave GROUP`, `publish GROUP TEXT`, `count GROUP`,
//! `info`, `version` (the variable `VERSION`); for tests of bounds `large BYTES`, `attach-large BYTES`, `groups N`,
//! `flood GROUP`; of other connections `to CONNECTION TEXT`, `info-of CONNECTION`, `join-of CONNECTION GROUP`,
//! `kick CONNECTION CODE`.
//!
//! The query of a handshake decides how a connection begins: `refuse=STATUS` refuses it, `group=GROUP` joins, `hello=TEXT`
//! sends the text at once, `attach=TEXT` attaches it, `connect=MISDEED` and `flood=GROUP` do what they say. The
//! subprotocol `chat.v1` is taken where it is offered. When a connection is gone, `closed CODE REASON` is published to the
//! group `closings`.

use std::time::Duration;

use dormouse::{
    variables,
    websocket::{self, Accept, Connection, Error, Message, Refuse, Request, WebSocket},
};

struct Echo;

dormouse::websocket!(Echo);

impl WebSocket for Echo {
    fn connect(request: &Request) -> Result<Accept, Refuse> {
        let mut accept = Accept::default();
        for (name, value) in form_urlencoded::parse(request.query().as_bytes()) {
            match name.as_ref() {
                "refuse" => return Err(Refuse::new(value.parse().unwrap_or_default(), "refused as asked for")),
                "group" => accept = accept.group(value),
                "attach" => accept.attachment = value.into_owned().into_bytes(),
                "hello" => say(websocket::send(&request.connection, value.as_ref())),
                "connect" => misbehave(&value),
                "flood" => flood(&value),
                _ => {}
            }
        }
        dormouse::log!("{} from {}", request.path_with_query, request.remote_address);
        Ok(if request.offers("chat.v1") { accept.subprotocol("chat.v1") } else { accept })
    }

    fn message(connection: &Connection, message: Message) {
        match message.text().and_then(|text| obey(connection, text)) {
            None => say(connection.send(message)),
            Some(Ok(answer)) => say(connection.send(answer)),
            Some(Err(error)) => say(connection.send(format!("{error:?}"))),
        }
    }

    fn close(connection: &Connection, code: u16, reason: &str) {
        dormouse::log!("{} closed {code} {reason}", connection.id);
        say(websocket::publish("closings", format!("closed {code} {reason}")).map(drop));
    }
}

/// What a command comes to; nothing where `text` is none.
fn obey(connection: &Connection, text: &str) -> Option<Result<String, Error>> {
    let (command, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (first, tail) = rest.split_once(' ').unwrap_or((rest, ""));
    misbehave(command);
    let done = |result: Result<(), Error>| result.map(|()| "done".to_owned());
    let number = |result: Result<u32, Error>| result.map(|number| number.to_string());
    Some(match command {
        "close" => done(connection.close(first.parse().unwrap_or_default(), tail)),
        "attach" => done(websocket::set_attachment(&connection.id, rest.as_bytes())),
        "attachment" => Ok(String::from_utf8_lossy(&connection.attachment).into_owned()),
        "attach-large" => done(websocket::set_attachment(&connection.id, &vec![b'x'; count(first)])),
        "join" => done(connection.join(rest)),
        "join-of" => done(websocket::join(first, tail)),
        "leave" => done(connection.leave(rest)),
        "groups" => done((0..count(first)).try_for_each(|group| connection.join(&format!("group-{group}")))),
        "publish" => number(websocket::publish(first, tail)),
        "count" => number(websocket::count(rest)),
        "flood" => flood(first),
        "info" => websocket::info(&connection.id).map(|info| format!("{info:?}")),
        "info-of" => websocket::info(first).map(|info| format!("{info:?}")),
        "large" => done(connection.send("x".repeat(count(first)))),
        "to" => done(websocket::send(first, tail)),
        "kick" => done(websocket::close(first, tail.parse().unwrap_or_default(), "kicked")),
        "version" => Ok(variables::get("VERSION").unwrap_or_else(|| "none".to_owned())),
        _ => return None,
    })
}

/// Publishes without end.
fn flood(group: &str) -> ! {
    let message = Message::Text("x".repeat(1 << 10));
    loop {
        std::hint::black_box(websocket::publish(group, message.clone())).ok();
    }
}

/// Does not come back where `text` names a misdeed.
fn misbehave(text: &str) {
    match text {
        "trap" => panic!("this guest panics here"),
        "exit" => std::process::exit(0),
        "spin" => loop {
            std::hint::black_box(());
        },
        "sleep" => std::thread::sleep(Duration::from_secs(86_400)),
        "memory" => {
            let mut held = Vec::new();
            loop {
                held.push(vec![1_u8; 1 << 20]);
            }
        }
        _ => {}
    }
}

/// Tells the log why something was not done.
fn say(result: Result<(), Error>) {
    if let Err(error) = result {
        dormouse::log!("not done: {error:?}");
    }
}

fn count(text: &str) -> usize {
    text.parse().unwrap_or_default()
}

//! A chat with rooms: whoever opens the page of a room gives a name, sees who else is there, and talks to them.
//!
//! One component answers both: a `GET` with the page, a WebSocket's handshake and its messages with the chat. The room is
//! the last part of the path. Deploy it with
//!
//! ```toml
//! [function.chat]
//! component = "target/wasm32-wasip2/release/chat.wasm"
//! key_value = ["chat"]
//!
//! [[function.chat.http]]
//! path = "/chat/{room}"
//!
//! [[function.chat.websocket]]
//! path = "/chat/{room}"
//! ```
//!
//! and open `/chat/lobby` in two windows. What passes is JSON. A client sends `{"type": "join", "name": "ada"}` once,
//! then `{"type": "say", "text": "good morning"}`. It gets `presence` with the names of all who are there whenever one
//! comes or goes, `said` for what anyone says, and `refused` with a reason for what was not done.
//!
//! There is no instance between two messages, and the next one may run in another: `room` keeps who is there by key, and
//! each connection carries its name as an attachment. The group of the room is kept by the platform.

mod room;
mod talk;

use wstd::http::{Body, Error, Method, Request, Response, StatusCode};

use crate::room::Room;

/// The page of a room: one answer, whose style and script run because they carry a number that is drawn for each.
const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let answer = Response::builder();
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let refused = answer.status(StatusCode::METHOD_NOT_ALLOWED).header("allow", "GET, HEAD");
        return Ok(refused.body("use GET, or a WebSocket\n".to_owned().into())?);
    }
    if Room::of(request.uri().path()).is_none() {
        let text = "a room has a name of 1 to 64 of a-z, 0-9 and -\n".to_owned();
        return Ok(answer.status(StatusCode::NOT_FOUND).body(text.into())?);
    }
    let nonce = format!("{:016x}{:016x}", dormouse::random::u64(), dormouse::random::u64());
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let page = PAGE.replace("{style}", STYLE).replace("{script}", SCRIPT).replace("{nonce}", &nonce);
    let headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", &policy),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ];
    Ok(headers.into_iter().fold(answer, |answer, (name, value)| answer.header(name, value)).body(page.into())?)
}

//! A number that everyone watches: each message of the queue `clicks` counts, and all open pages show the new total.
//!
//! One component is three things: the page, with a button that sends a message to the queue; what consumes the queue, adds
//! up by an atomic increment and publishes the total to the group `watchers`; and the WebSocket, whose connections are
//! that group. Deploy it with
//!
//! ```toml
//! [function.live-counter]
//! component = "target/wasm32-wasip2/release/live-counter.wasm"
//! key_value = ["counters"]
//! sends_to = ["clicks"]
//!
//! [[function.live-counter.http]]
//! path = "/counter"
//!
//! [[function.live-counter.websocket]]
//! path = "/counter"
//!
//! [[function.live-counter.queue]]
//! queue = "clicks"
//! ```
//!
//! A batch is counted in one step and then done. Only where a server stops between the two is it handed out again, and
//! counted twice; `order-items` shows how to count each exactly once.

use dormouse::{
    key_value,
    queue::{self, Batch, NewMessage, Outcome},
    websocket::{self, Accept, Connection, Message, Refuse, Request as Handshake, WebSocket},
};
use wstd::http::{Body, Error, Method, Request, Response, StatusCode};

const BUCKET: &str = "counters";
const KEY: &str = "clicks";
const QUEUE: &str = "clicks";
const GROUP: &str = "watchers";

const PAGE: &str = include_str!("page.html");

dormouse::consumer!(add);
dormouse::websocket!(Watched);

fn add(batch: Batch) -> Vec<Outcome> {
    let more = i64::try_from(batch.messages.len()).unwrap_or(i64::MAX);
    match key_value::open(BUCKET).and_then(|bucket| bucket.increment(KEY, more)) {
        Ok(total) => {
            // Counted is counted: who is not told now is told with the next one.
            if let Err(error) = websocket::publish(GROUP, total.to_string()) {
                dormouse::log!("nobody was told of {total}: {error:?}");
            }
            vec![Outcome::Ack; batch.messages.len()]
        }
        Err(error) => {
            dormouse::log!("nothing was counted: {error}");
            Vec::new()
        }
    }
}

struct Watched;

impl WebSocket for Watched {
    fn connect(request: &Handshake) -> Result<Accept, Refuse> {
        let unavailable = |_| Refuse::new(503, "the counter cannot be read now\n");
        // First into the group, then the total: whatever is counted in between is told, and a client takes the higher one.
        websocket::join(&request.connection, GROUP).map_err(|_| Refuse::new(503, "nobody can watch now\n"))?;
        let total = key_value::open(BUCKET).and_then(|bucket| bucket.counter(KEY)).map_err(unavailable)?;
        websocket::send(&request.connection, total.to_string())
            .map_err(|_| Refuse::new(503, "nobody can watch now\n"))?;
        Ok(Accept::default())
    }

    /// Who watches has nothing to say.
    fn message(_: &Connection, _: Message) {}
}

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let answer = Response::builder();
    Ok(match *request.method() {
        Method::GET | Method::HEAD => {
            let nonce = format!("{:016x}{:016x}", dormouse::random::u64(), dormouse::random::u64());
            let policy = format!(
                "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; \
                 connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            );
            let page = answer.header("content-type", "text/html; charset=utf-8");
            page.header("content-security-policy", policy).body(PAGE.replace("{nonce}", &nonce).into())?
        }
        Method::POST => match queue::send(QUEUE, &NewMessage::text("click")) {
            Ok(_) => answer.status(StatusCode::ACCEPTED).body("".to_owned().into())?,
            Err(error) => answer.status(StatusCode::SERVICE_UNAVAILABLE).body(error.to_string().into())?,
        },
        _ => answer.status(StatusCode::METHOD_NOT_ALLOWED).body("use GET or POST\n".to_owned().into())?,
    })
}

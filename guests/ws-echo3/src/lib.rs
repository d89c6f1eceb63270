//! Sends each message back as it came, as a guest of WASI 0.3; the query of a handshake becomes what is attached.

use dormouse::websocket::{Accept, Connection, Message, Refuse, Request, WebSocket};
use http::Response;
use wasip3::{
    exports::http::handler::Guest,
    http::types::{ErrorCode, Request as HttpRequest, Response as HttpResponse},
    http_compat::http_into_wasi_response,
};

struct Echo;

dormouse::websocket!(Echo);
wasip3::http::service::export!(Echo);

impl WebSocket for Echo {
    fn connect(request: &Request) -> Result<Accept, Refuse> {
        Ok(Accept { attachment: request.query().into(), ..Accept::default() })
    }

    fn message(connection: &Connection, message: Message) {
        match message.text() {
            Some("trap") => panic!("this guest panics here"),
            _ => connection.send(message).unwrap_or_else(|error| dormouse::log!("not done: {error:?}")),
        }
    }

    fn close(connection: &Connection, code: u16, reason: &str) {
        dormouse::log!("{} closed {code} {reason}", connection.id);
    }
}

impl Guest for Echo {
    async fn handle(_: HttpRequest) -> Result<HttpResponse, ErrorCode> {
        http_into_wasi_response(Response::new("connect with a WebSocket\n".to_owned()))
    }
}

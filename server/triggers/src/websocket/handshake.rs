//! The opening handshake (RFC 6455, section 4.2): what a client asks, and the answer that accepts it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::WebSocketTrigger;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version,
    header::{
        CONNECTION, HOST, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
        SEC_WEBSOCKET_VERSION, UPGRADE,
    },
    request::Parts,
};
use sha1::{Digest as _, Sha1};

use crate::http::{headers, problem::Refusal};

/// What is hashed with a client's key (section 1.3).
const PROOF: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// A handshake that was checked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Handshake {
    /// What proves that it was understood.
    accept: String,
    /// The subprotocols that the client offers, in its order.
    pub(super) subprotocols: Vec<String>,
}

/// Whether a request asks for a WebSocket. HTTP/2 asks otherwise, and other methods never do.
pub(crate) fn is_asked_for(method: &Method, version: Version, headers: &HeaderMap) -> bool {
    version == Version::HTTP_11 && method == Method::GET && has_token(headers, &UPGRADE, "websocket")
}

impl Handshake {
    /// Checks a request, whose body is known to be empty.
    ///
    /// # Errors
    ///
    /// The refusal to answer with: 400, or 426 for another version of the protocol.
    pub(super) fn read(parts: &Parts) -> Result<Self, Refusal> {
        let headers = &parts.headers;
        if !has_token(headers, &CONNECTION, "upgrade") {
            return Err(Refusal::bad_handshake("the header Connection does not name upgrade"));
        }
        match one(headers, &SEC_WEBSOCKET_VERSION) {
            Some("13") => {}
            Some(_) => return Err(Refusal::other_websocket_version()),
            None => return Err(Refusal::bad_handshake("the header Sec-WebSocket-Version is missing, or there twice")),
        }
        let key = one(headers, &SEC_WEBSOCKET_KEY).filter(|key| STANDARD.decode(key).is_ok_and(|key| key.len() == 16));
        let Some(key) = key else {
            return Err(Refusal::bad_handshake("the header Sec-WebSocket-Key is not one of 16 bytes in base64"));
        };
        let accept = STANDARD.encode(Sha1::new().chain_update(key).chain_update(PROOF).finalize());
        let mut subprotocols = Vec::new();
        for offered in tokens(headers, &SEC_WEBSOCKET_PROTOCOL) {
            if !is_token(offered) || subprotocols.iter().any(|before| before == offered) {
                return Err(Refusal::bad_handshake("the header Sec-WebSocket-Protocol is not a list of names"));
            }
            subprotocols.push(offered.to_owned());
        }
        Ok(Self { accept, subprotocols })
    }

    /// The answer that accepts, with the subprotocol that was chosen.
    pub(super) fn answer(&self, subprotocol: Option<&str>) -> Response<()> {
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        let more = [(SEC_WEBSOCKET_ACCEPT, Some(self.accept.as_str())), (SEC_WEBSOCKET_PROTOCOL, subprotocol)];
        for (name, value) in more {
            if let Some(Ok(value)) = value.map(HeaderValue::from_str) {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// Whether the page that a request comes from may connect (section 10.2). What names no origin is no page.
pub(super) fn is_admitted(headers: &HeaderMap, trigger: &WebSocketTrigger) -> bool {
    if !headers.contains_key(ORIGIN) {
        return true;
    }
    one(headers, &ORIGIN).is_some_and(|origin| trigger.admits(origin, one(headers, &HOST).unwrap_or_default()))
}

/// The headers that a guest sees: cleaned as those of HTTP, and without those of the handshake.
pub(super) fn headers_for_guest(mut headers: HeaderMap) -> Vec<(String, Vec<u8>)> {
    headers::strip(&mut headers);
    let passes = |name: &HeaderName| !name.as_str().starts_with("sec-websocket-");
    let passing = headers.iter().filter(|(name, _)| passes(name));
    passing.map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
}

/// The value of a header that is there once.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value.trim())
}

/// The parts of a list that may be spread over several headers (RFC 9110, section 5.6.1).
fn tokens<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).into_iter().map(|value| value.to_str().unwrap_or("\0"));
    values.flat_map(|value| value.split(',')).map(str::trim).filter(|part| !part.is_empty())
}

fn has_token(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    tokens(headers, name).any(|token| token.eq_ignore_ascii_case(wanted))
}

/// Whether `text` is a token (RFC 9110, section 5.6.2).
fn is_token(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn request(headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    const GOOD: [(&str, &str); 4] = [
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "WebSocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];

    #[test]
    fn the_example_of_the_rfc_is_answered_as_it_says() {
        let parts = request(&GOOD);
        assert!(is_asked_for(&Method::GET, Version::HTTP_11, &parts.headers));
        let handshake = Handshake::read(&parts).unwrap();
        assert_eq!(handshake.accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        let answer = handshake.answer(Some("chat"));
        assert_eq!(answer.status(), 101);
        assert_eq!(answer.headers()["sec-websocket-protocol"], "chat");
    }

    #[test]
    fn subprotocols_come_in_the_clients_order_from_all_headers() {
        let mut headers = GOOD.to_vec();
        headers.extend([("sec-websocket-protocol", "b, a"), ("sec-websocket-protocol", "c")]);
        assert_eq!(Handshake::read(&request(&headers)).unwrap().subprotocols, ["b", "a", "c"]);
        for bad in ["a, a", "a b", "(a)"] {
            let mut headers = GOOD.to_vec();
            headers.push(("sec-websocket-protocol", bad));
            assert!(Handshake::read(&request(&headers)).is_err(), "{bad}");
        }
    }

    #[test]
    fn guests_see_no_header_of_the_handshake() {
        let mut headers = GOOD.to_vec();
        headers.extend([("cookie", "a=1"), ("dormouse-route", "/forged"), ("keep-alive", "1")]);
        let seen = headers_for_guest(request(&headers).headers);
        assert_eq!(seen, [("cookie".to_owned(), b"a=1".to_vec())]);
    }
}

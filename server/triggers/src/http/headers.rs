//! Which headers pass between client and guest, and which ones the platform adds.

use control::Target;
use domain::{
    PathPattern, VersionNumber,
    id::{InvocationId, MAX_TEXT_BYTES},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{
        CONNECTION, CONTENT_LENGTH, EXPECT, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE,
    },
};

/// The names that only the platform may use, in both directions.
const OURS: &str = "dormouse-";

/// The invocation's id, on every answer.
pub(crate) const INVOCATION: HeaderName = HeaderName::from_static("dormouse-invocation");

/// The version that ran, on every answer from the choice of a version on.
const VERSION: HeaderName = HeaderName::from_static("dormouse-version");

/// The id of an invocation as a header's value.
pub(crate) fn invocation(id: InvocationId) -> Option<HeaderValue> {
    HeaderValue::from_str(id.encode(&mut [0; MAX_TEXT_BYTES])).ok()
}

/// Tells in an answer's headers which invocation of which version gave it.
pub(crate) fn tell(headers: &mut HeaderMap, id: InvocationId, version: VersionNumber) {
    let version = HeaderValue::from_str(version.encode(&mut [0; VersionNumber::MAX_TEXT_BYTES]));
    if let (Some(id), Ok(version)) = (invocation(id), version) {
        headers.reserve(2);
        headers.insert(INVOCATION, id);
        headers.insert(VERSION, version);
    }
}

const ROUTE: HeaderName = HeaderName::from_static("dormouse-route");

/// Headers between two neighbours, never for the one behind (RFC 9110, section 7.6.1, and those that
/// older texts and HTTP/2's upgrade add). `Trailer` passes: HTTP/1.1 sends no trailers without it.
static HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("http2-settings"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Makes a client's headers fit for the guest behind `target`.
pub(crate) fn towards_guest(headers: &mut HeaderMap, target: &Target) {
    strip(headers);
    // The interim answer is given here, when the guest first reads the body.
    headers.remove(EXPECT);
    if let Some(Ok(route)) = target.route().map(HeaderValue::from_str) {
        headers.insert(ROUTE, route);
    }
    for (name, value) in target.parameters() {
        if let (Some(name), Ok(value)) = (parameter(name), HeaderValue::from_bytes(value.as_bytes())) {
            headers.insert(name, value);
        }
    }
}

/// The header that tells a guest the value of the parameter `name`. Written without formatting, which takes longer than
/// all the rest of it.
fn parameter(name: &str) -> Option<HeaderName> {
    const PREFIX: &[u8] = b"dormouse-param-";
    let mut buffer = [0; PREFIX.len() + PathPattern::MAX_NAME_BYTES];
    let text = buffer.get_mut(..PREFIX.len() + name.len())?;
    let (prefix, rest) = text.split_at_mut(PREFIX.len());
    prefix.copy_from_slice(PREFIX);
    rest.copy_from_slice(name.as_bytes());
    HeaderName::from_bytes(text).ok()
}

/// Makes a guest's headers fit for the client, or says why they cannot be sent: they may take `most` bytes.
pub(crate) fn towards_client(status: StatusCode, headers: &mut HeaderMap, most: u32) -> Result<(), &'static str> {
    strip(headers);
    if status == StatusCode::NO_CONTENT {
        // RFC 9110, section 8.6: such an answer has no length, not even zero.
        headers.remove(CONTENT_LENGTH);
    }
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > most as usize {
        return Err("the function's answer has larger headers than its limit response_header_bytes");
    }
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let plain = |value: &HeaderValue| value.to_str().is_ok_and(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    if lengths.next().is_some_and(|length| !plain(length)) || lengths.next().is_some() {
        return Err("the function's answer has a content-length that is not one number");
    }
    Ok(())
}

/// Takes out what may not pass in either direction: also of trailers.
pub(crate) fn strip(headers: &mut HeaderMap) {
    // Most have none of them.
    if !headers.keys().any(|name| HOP_BY_HOP.contains(name) || name.as_str().starts_with(OURS)) {
        return;
    }
    let named: Vec<_> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| HeaderName::try_from(name.trim()).ok())
        .collect();
    let ours: Vec<_> = headers.keys().filter(|name| name.as_str().starts_with(OURS)).cloned().collect();
    for name in HOP_BY_HOP.iter().chain(&named).chain(&ours) {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn hop_by_hop_headers_and_those_that_connection_names_do_not_pass() {
        let mut given = headers(&[
            ("connection", "close, X-Private"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("upgrade", "websocket"),
            ("x-private", "1"),
            ("dormouse-version", "v1"),
            ("dormouse-param-id", "forged"),
            ("trailer", "x-sum"),
            ("x-kept", "1"),
        ]);
        strip(&mut given);
        assert_eq!(given, headers(&[("trailer", "x-sum"), ("x-kept", "1")]));
    }

    #[test]
    fn a_parameter_of_any_length_has_its_header() {
        let longest = "a".repeat(PathPattern::MAX_NAME_BYTES);
        for name in ["id", "rest", "a-b_3", &longest] {
            assert_eq!(parameter(name).unwrap().as_str(), format!("dormouse-param-{name}"));
        }
    }

    #[test]
    fn an_answer_has_one_content_length_and_headers_within_their_limit() {
        assert!(towards_client(StatusCode::OK, &mut headers(&[("content-length", "12")]), 65_536).is_ok());
        assert!(towards_client(StatusCode::OK, &mut headers(&[("content-length", "-1")]), 65_536).is_err());
        assert!(towards_client(StatusCode::OK, &mut headers(&[("content-length", "1, 1")]), 65_536).is_err());
        let mut twice = headers(&[("content-length", "1")]);
        twice.append(CONTENT_LENGTH, HeaderValue::from_static("2"));
        assert!(towards_client(StatusCode::OK, &mut twice, 65_536).is_err());
        let mut none = headers(&[("content-length", "0")]);
        assert!(towards_client(StatusCode::NO_CONTENT, &mut none, 65_536).is_ok() && none.is_empty());
        let mut large = HeaderMap::new();
        large.insert("x-large", HeaderValue::try_from("a".repeat(65_536)).unwrap());
        assert!(towards_client(StatusCode::OK, &mut large, 65_536).is_err());
    }
}

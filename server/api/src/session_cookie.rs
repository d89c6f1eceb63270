//! The cookie that holds a browser's session.
//!
//! By https it is `__Host-dormouse`, which no other host or path can set (RFC 6265bis, section 4.1.3.2).
//! Plain http on the own machine has no such name, so there it is `dormouse` with the same bounds.

use axum::http::{HeaderMap, HeaderValue, header};
use control::{ExposeSecret, SecretString};

const SECURE_NAME: &str = "__Host-dormouse";
const PLAIN_NAME: &str = "dormouse";

/// Reads the session's secret from the request's cookies.
pub(crate) fn read(headers: &HeaderMap) -> Option<String> {
    let value = |name: &str| {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
    };
    value(SECURE_NAME).or_else(|| value(PLAIN_NAME)).filter(|value| !value.is_empty())
}

/// The `Set-Cookie` that holds `secret` for `seconds`.
pub(crate) fn set(secret: &SecretString, seconds: i64, https: bool) -> Option<HeaderValue> {
    cookie(secret.expose_secret(), seconds, https)
}

/// The `Set-Cookie` that ends the session in the browser.
pub(crate) fn clear(https: bool) -> Option<HeaderValue> {
    cookie("", 0, https)
}

fn cookie(value: &str, seconds: i64, https: bool) -> Option<HeaderValue> {
    let (name, secure) = if https { (SECURE_NAME, "; Secure") } else { (PLAIN_NAME, "") };
    let line = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    let mut header = HeaderValue::try_from(line).ok()?;
    header.set_sensitive(true);
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_reads_back_among_others() {
        let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static("a=b; dormouse=s3cret; x=y"))]);
        assert_eq!(read(&headers).as_deref(), Some("s3cret"));
        assert_eq!(read(&HeaderMap::new()), None);
    }

    #[test]
    fn by_https_the_cookie_is_bound_to_its_host() {
        let line = set(&SecretString::from("s3cret"), 60, true).unwrap();
        assert_eq!(line, "__Host-dormouse=s3cret; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure");
    }
}

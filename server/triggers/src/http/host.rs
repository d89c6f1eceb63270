//! Which host a request is for.

use http::{header::HOST, request::Parts};

/// The request's host without its port, as the client spells it; `None` if it names none, several, or
/// one that is malformed (RFC 9112, section 3.2; RFC 9113, section 8.3.1).
pub(crate) fn of(request: &Parts) -> Option<&str> {
    let mut fields = request.headers.get_all(HOST).iter();
    let field = match fields.next() {
        Some(value) => Some(value.to_str().ok()?),
        None => None,
    };
    if fields.next().is_some() {
        return None;
    }
    let authority = match (request.uri.authority(), field) {
        // An absolute address in HTTP/1.1 beats the field; in HTTP/2 the two must agree.
        (Some(authority), Some(field)) if request.version == http::Version::HTTP_2 => {
            authority.as_str().eq_ignore_ascii_case(field).then_some(field)?
        }
        (Some(authority), _) => authority.as_str(),
        (None, field) => field?,
    };
    name(authority)
}

/// The name in `name[:port]`, if both are well formed.
fn name(authority: &str) -> Option<&str> {
    let (name, port) = match authority.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port),
        _ => (authority, ""),
    };
    let inner = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let well_formed = match inner {
        Some(address) => address.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')),
        None => name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')),
    };
    let bounded = (1..=253).contains(&name.len()) && port.len() <= 5;
    (well_formed && bounded && port.bytes().all(|byte| byte.is_ascii_digit())).then_some(name)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn host(uri: &str, fields: &[&str]) -> Option<String> {
        let mut request = Request::builder().uri(uri);
        for field in fields {
            request = request.header(HOST, *field);
        }
        of(&request.body(()).unwrap().into_parts().0).map(str::to_owned)
    }

    #[test]
    fn the_host_is_read_without_its_port() {
        for (field, expected) in [
            ("demo.localhost:8080", "demo.localhost"),
            ("DEMO.localhost", "DEMO.localhost"),
            ("demo.localhost.", "demo.localhost."),
            ("v7--hello.demo.localhost:1", "v7--hello.demo.localhost"),
            ("[::1]:8080", "[::1]"),
            ("[::1]", "[::1]"),
            ("demo.localhost:", "demo.localhost"),
        ] {
            assert_eq!(host("/", &[field]).as_deref(), Some(expected), "{field}");
        }
        assert_eq!(host("http://a.example/x", &["b.example"]).as_deref(), Some("a.example"));
    }

    #[test]
    fn a_malformed_missing_or_repeated_host_is_none() {
        for bad in ["", "a b", "user@demo.localhost", "demo.localhost:80a", "demo/localhost", ":80", "a:b:1"] {
            assert_eq!(host("/", &[bad]), None, "{bad}");
        }
        assert_eq!(host("/", &[]), None);
        assert_eq!(host("/", &["a", "a"]), None);
    }
}

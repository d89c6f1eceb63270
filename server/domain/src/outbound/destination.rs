//! Where one outgoing request goes: its scheme, host and port, read strictly.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use crate::Invalid;

/// Where one request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// Whether the connection is encrypted.
    pub scheme: Scheme,
    /// The name to look up, or the address itself.
    pub host: Host,
    /// The port, the scheme's own where the request names none.
    pub port: u16,
}

/// How a request is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// HTTP within TLS.
    Https,
}

/// The host of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A name in lower case.
    Name(String),
    /// An address, written as four decimal numbers or in brackets.
    Address(IpAddr),
}

impl Scheme {
    /// The scheme of that name, in lower case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "http" => Some(Self::Http),
            "https" => Some(Self::Https),
            _ => None,
        }
    }

    /// The port where none is written.
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl Destination {
    /// Reads an authority: a host and perhaps a port, and nothing else.
    ///
    /// There is one way to write an address: four decimal numbers without leading zeros, or IPv6 in brackets
    /// without a zone. A name that other readers could take for an address (`127.1`, `0x7f000001`, `2130706433`)
    /// is refused, and so are users, percent-encoding, letters outside ASCII and a dot at the end.
    ///
    /// # Errors
    ///
    /// [`Invalid`] for `authority`, or for `scheme` where that is neither `http` nor `https`.
    pub fn parse(scheme: &str, authority: &str) -> Result<Self, Invalid> {
        let scheme = Scheme::from_name(scheme).ok_or_else(|| Invalid::new("scheme", "is not http or https"))?;
        let refused = || Invalid::new("authority", "is not a host name or an address, and perhaps a port");
        let bracket = authority.rfind(']').unwrap_or(0);
        let (host, number) = match authority.rfind(':').filter(|colon| *colon > bracket) {
            None => (authority, None),
            Some(colon) => (authority.get(..colon).unwrap_or_default(), authority.get(colon + 1..)),
        };
        let port = number.map_or(Some(scheme.port()), port).ok_or_else(refused)?;
        let host = match host.strip_prefix('[').map(|rest| rest.strip_suffix(']')) {
            Some(inner) => inner.and_then(|inner| inner.parse::<Ipv6Addr>().ok()).map(|ip| Host::Address(ip.into())),
            None => match host.parse::<Ipv4Addr>() {
                Ok(ip) => Some(Host::Address(ip.into())),
                Err(_) => host_name(host).map(Host::Name),
            },
        };
        Ok(Self { scheme, host: host.ok_or_else(refused)?, port })
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(ip)) => write!(f, "{ip}"),
            Self::Address(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
        }
    }
}

/// The authority in its canonical form, as the `host` header carries it: without the scheme's own port.
impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.host)?;
        if self.port == self.scheme.port() { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// `text` in lower case if it is a host name: labels of 1 to 63 letters, digits, `-` and `_`, at most 253 bytes,
/// the last one not a number in any notation (as the WHATWG's URL standard has it, section 3.5).
pub(super) fn host_name(text: &str) -> Option<String> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let name = text.to_ascii_lowercase();
    let last = name.rsplit('.').next().unwrap_or_default();
    let number = match last.strip_prefix("0x") {
        Some(digits) => digits.bytes().all(|b| b.is_ascii_hexdigit()),
        None => last.bytes().all(|b| b.is_ascii_digit()),
    };
    (name.len() <= 253 && !number && name.split('.').all(label)).then_some(name)
}

/// A port in decimal without a sign or leading zeros.
pub(super) fn port(text: &str) -> Option<u16> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_read_in_one_way_only() {
        for (scheme, text, canonical) in [
            ("https", "api.example.com", "api.example.com"),
            ("https", "API.example.com:443", "api.example.com"),
            ("http", "api.example.com:443", "api.example.com:443"),
            ("http", "10.1.2.3:8080", "10.1.2.3:8080"),
            ("http", "[FD00::1]:80", "[fd00::1]"),
            ("http", "xn--bcher-kva.example", "xn--bcher-kva.example"),
        ] {
            assert_eq!(Destination::parse(scheme, text).map(|to| to.to_string()).as_deref(), Ok(canonical));
        }
        let lines = "
            :80 a: a:b a:0 a:65536 a:080 a@b a. .a a..b a%2eb é a/b 127.1 0177.0.0.1 0x7f.1 2130706433 1.2.3.4.5
            256.0.0.1 1.2.3.04 a.0x7f ::1 [::1 ::1] [::1]] [[::1]] [::1%lo] [127.0.0.1] [a] [] １２７.0.0.1
            127。0。0。1";
        for bad in lines.split_whitespace().chain(["", "a b", "a\0"]) {
            assert!(Destination::parse("http", bad).is_err(), "{bad}");
        }
        assert!(Destination::parse("ftp", "a.example").is_err());
    }
}

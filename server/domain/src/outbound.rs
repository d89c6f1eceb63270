//! Where guests may call out to: the entries of a version's allow-list, and which request each lets through.
//!
//! An entry is a scheme, a host and a port: `https://api.example.com`, `https://*.example.com:8443`,
//! `http://10.1.2.3:8080`, `http://10.1.0.0/16:8080`, `https://*`. Host names lead to public addresses only;
//! an address that is not public is reached where an entry names that address, or `localhost`.

pub mod address;
pub mod destination;

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use self::{
    address::Network,
    destination::{Destination, Host, Scheme, host_name, port},
};
use crate::Invalid;

/// One entry of an allow-list of outgoing HTTP requests.
///
/// The port is the scheme's own (80, 443) where none is written. The host is one of
/// - a name, `api.example.com`, which stands for itself alone;
/// - `*.example.com`: every name below `example.com`, at any depth, and not `example.com` itself;
/// - `*`: every name;
/// - an IP address, `10.1.2.3` or `[fd00::1]`, or a network of them, `10.1.0.0/16` or `[fd00::]/8`, which lets
///   requests to the address itself through, and lets a name that is allowed lead there, public or not;
/// - `localhost`, which also names the loopback addresses `127.0.0.1` and `::1`.
///
/// Link-local addresses and those where clouds keep a machine's credentials cannot be named.
///
/// Invariant: its text is canonical: lower case, no port that the scheme has anyway, no path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OutboundHost {
    scheme: Scheme,
    target: Target,
    port: u16,
}

/// The host part of an entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Target {
    AnyName,
    /// The names below this one.
    Below(String),
    Name(String),
    Network(Network),
}

impl OutboundHost {
    /// The most entries that a version has.
    pub const MAX_ENTRIES: usize = 64;
    /// The longest entry in bytes: a host name of 253 with scheme and port.
    pub const MAX_BYTES: usize = 270;

    /// Whether the entry lets requests to `destination` begin. Where a name leads is checked apart, by
    /// [`address::refusal`] and [`Self::names`].
    #[must_use]
    pub fn allows(&self, destination: &Destination) -> bool {
        if self.scheme != destination.scheme || self.port != destination.port {
            return false;
        }
        match (&self.target, &destination.host) {
            (Target::AnyName, Host::Name(_)) => true,
            (Target::Below(suffix), Host::Name(name)) => name
                .strip_suffix(suffix.as_str())
                .and_then(|rest| rest.strip_suffix('.'))
                .is_some_and(|below| !below.is_empty()),
            (Target::Name(one), Host::Name(other)) => one == other,
            (Target::Network(network), Host::Address(address)) => network.contains(*address),
            _ => false,
        }
    }

    /// Whether the entry names `address` for requests of that scheme to that port.
    #[must_use]
    pub fn names(&self, scheme: Scheme, address: IpAddr, port: u16) -> bool {
        let named = match &self.target {
            Target::Network(network) => network.contains(address),
            Target::Name(name) => name == LOCALHOST && LOOPBACK.contains(&address),
            Target::AnyName | Target::Below(_) => false,
        };
        named && self.scheme == scheme && self.port == port
    }

    fn parse(text: &str) -> Result<Self, String> {
        if text.len() > Self::MAX_BYTES {
            return Err(format!("has {} bytes; an entry has at most {}", text.len(), Self::MAX_BYTES));
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(format!("is {text:?}; {SHAPE}"));
        };
        let scheme = Scheme::from_name(scheme)
            .ok_or_else(|| format!("has the scheme {scheme:?}; use http or https, such as https://api.example.com"))?;
        let (host, number) = split(rest).ok_or_else(|| format!("is {text:?}; {SHAPE}"))?;
        let port = match number {
            None => scheme.port(),
            Some(number) => port(number).ok_or_else(|| format!("has the port {number:?}; use 1 to 65535"))?,
        };
        Ok(Self { scheme, target: Target::parse(host)?, port })
    }
}

impl Target {
    fn parse(host: &str) -> Result<Self, String> {
        if host == "*" {
            return Ok(Self::AnyName);
        }
        if let Some(suffix) = host.strip_prefix("*.") {
            return host_name(suffix).map(Self::Below).ok_or_else(|| format!("has the host {host:?}; {NAME}"));
        }
        if host.contains(['[', ']', '/']) || host.parse::<IpAddr>().is_ok() {
            return Network::parse(host).map(Self::Network);
        }
        host_name(host).map(Self::Name).ok_or_else(|| format!("has the host {host:?}; {NAME}"))
    }
}

/// Host and port, where the text has only these. A slash belongs to the host only as a network's.
fn split(rest: &str) -> Option<(&str, Option<&str>)> {
    let bracket = rest.rfind(']').unwrap_or(0);
    let (host, port) = match rest.rfind(':').filter(|colon| *colon > bracket) {
        Some(colon) => (rest.get(..colon)?, Some(rest.get(colon + 1..)?)),
        None => (rest, None),
    };
    let plain = host.chars().all(|c| c.is_ascii_alphanumeric() || "-._*[]:/".contains(c));
    let network = host
        .split_once('/')
        .is_none_or(|(base, length)| !length.is_empty() && (base.starts_with('[') || base.parse::<Ipv4Addr>().is_ok()));
    (plain && network && !host.is_empty()).then_some((host, port))
}

impl FromStr for OutboundHost {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::parse(text).map_err(|message| Invalid::new("allowed_outbound_hosts", message))
    }
}

impl TryFrom<String> for OutboundHost {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<OutboundHost> for String {
    fn from(entry: OutboundHost) -> Self {
        entry.to_string()
    }
}

impl fmt::Display for OutboundHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme)?;
        match &self.target {
            Target::AnyName => f.write_str("*")?,
            Target::Below(suffix) => write!(f, "*.{suffix}")?,
            Target::Name(name) => f.write_str(name)?,
            Target::Network(network) => write!(f, "{network}")?,
        }
        if self.port == self.scheme.port() { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

const LOCALHOST: &str = "localhost";
const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

const SHAPE: &str = "write a scheme, a host and perhaps a port, without a user, a path or a query, such as \
    https://api.example.com, https://*.example.com:8443 or http://10.1.2.3:8080";

const NAME: &str = "write a host name of a-z, 0-9, - and _ whose last part is not a number (a name in another \
    script as xn--…), an address such as 10.1.2.3 or [fd00::1], or * for the first part or for all";

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> OutboundHost {
        text.parse().unwrap()
    }

    fn to(scheme: &str, authority: &str) -> Destination {
        Destination::parse(scheme, authority).unwrap()
    }

    #[test]
    fn an_entry_has_one_text() {
        for (written, canonical) in [
            ("https://api.example.com", "https://api.example.com"),
            ("https://API.Example.com:443", "https://api.example.com"),
            ("http://api.example.com:443", "http://api.example.com:443"),
            ("https://*.example.com:8443", "https://*.example.com:8443"),
            ("https://*", "https://*"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://db_1:80", "http://db_1"),
            ("http://10.1.2.3:8080", "http://10.1.2.3:8080"),
            ("http://10.1.2.3/32", "http://10.1.2.3"),
            ("http://10.1.0.0/16:8080", "http://10.1.0.0/16:8080"),
            ("http://[FD00:0::1]", "http://[fd00::1]"),
            ("https://[fd00::]/8:8443", "https://[fd00::]/8:8443"),
        ] {
            assert_eq!(entry(written).to_string(), canonical);
            assert_eq!(entry(canonical), entry(written));
        }
    }

    #[test]
    fn what_is_no_entry_is_refused_with_a_way_out() {
        let long = format!("https://{}.example.com", "a".repeat(260));
        let lines = "
            api.example.com ftp://a.example https:// https://:443 https://a.example: HTTPS://a.example
            https://a.example/ https://a.example/path https://a.example?q https://user@a.example
            https://a.example:0 https://a.example:65536 https://a.example:+1 https://a.example. https://.example
            https://a..example https://-a.example https://é.example https://a*.example.com https://*.*.example
            https://*. https://** https://*.10.0.0.1
            http://127.1 http://2130706433 http://0x7f000001 http://0177.0.0.1 http://1.2.3.4.5 http://10.1.2.3/33
            http://10.1.2.3/16 http://10.0.0.0/ http://10.0.0.0/+8 http://fd00::1 http://[fd00::1
            http://[fe80::1%eth0] http://[::ffff:10.0.0.1] http://a.example/8 http://169.254.169.254
            http://169.254.0.0/16 http://[fd00:ec2::254] http://[fe80::1] http://168.63.129.16 http://0.0.0.0
            http://255.255.255.255 http://224.0.0.1 http://[::]";
        for bad in lines.split_whitespace().chain(["", "https://a b", &long]) {
            let refused = bad.parse::<OutboundHost>().map_err(|invalid| invalid.to_string());
            let told = refused.as_ref().is_err_and(|text| text.starts_with("allowed_outbound_hosts: "));
            assert!(told && refused.as_ref().is_err_and(|text| text.contains("; ")), "{bad}: {refused:?}");
        }
    }

    #[test]
    fn a_request_passes_only_an_entry_of_its_scheme_host_and_port() {
        for (written, scheme, authority) in [
            ("https://api.example.com", "https", "api.example.com"),
            ("https://api.example.com", "https", "API.EXAMPLE.COM:443"),
            ("https://*.example.com", "https", "a.b.example.com"),
            ("https://*", "https", "example.com"),
            ("http://10.1.0.0/16", "http", "10.1.255.255"),
            ("http://[fd00::]/8:81", "http", "[fdff::1]:81"),
        ] {
            assert!(entry(written).allows(&to(scheme, authority)), "{written} {authority}");
        }
        for (written, scheme, authority) in [
            ("https://api.example.com", "http", "api.example.com"),
            ("https://api.example.com", "http", "api.example.com:443"),
            ("https://api.example.com", "https", "api.example.com:8443"),
            ("https://api.example.com", "https", "api.example.com.evil.example"),
            ("https://api.example.com", "https", "xapi.example.com"),
            ("https://*.example.com", "https", "example.com"),
            ("https://*.example.com", "https", "evilexample.com"),
            ("https://*.example.com", "https", "a.example.com.evil.example"),
            ("https://*", "https", "8.8.8.8"),
            ("http://10.1.0.0/16", "http", "10.2.0.1"),
            ("http://10.1.0.0/16", "http", "[::ffff:10.1.0.1]"),
        ] {
            assert!(!entry(written).allows(&to(scheme, authority)), "{written} {authority}");
        }
    }

    #[test]
    fn a_name_unlocks_no_address_but_localhost_does() {
        let loopback = IpAddr::from([127, 0, 0, 1]);
        for (written, named) in [
            ("http://localhost:81", true),
            ("http://127.0.0.1:81", true),
            ("http://127.0.0.0/8:81", true),
            ("http://0.0.0.0/0:81", true),
            ("http://localhost", false),
            ("https://localhost:81", false),
            ("http://*:81", false),
            ("http://internal.example:81", false),
        ] {
            assert_eq!(entry(written).names(Scheme::Http, loopback, 81), named, "{written}");
        }
        let metadata = IpAddr::from([169, 254, 169, 254]);
        assert!(!entry("http://0.0.0.0/0").names(Scheme::Http, metadata, 80));
    }
}

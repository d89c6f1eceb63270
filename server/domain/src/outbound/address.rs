//! Which addresses are public, and why the others are not: the registries of special addresses, as code.
//!
//! Sources: IANA's IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), RFC 4291, and the addresses
//! under which clouds tell a machine its credentials.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Why guests do not reach `address` by a name alone; `None` for a public unicast address.
///
/// Addresses that carry an IPv4 address inside (mapped, translated, tunnelled) are refused whatever they carry:
/// a public IPv4 address has its own plain form.
#[must_use]
pub fn refusal(address: IpAddr) -> Option<&'static str> {
    forbidden(address).or_else(|| match address {
        IpAddr::V4(ip) => special(V4, |(base, length)| v4_within(ip, base, *length)),
        IpAddr::V6(ip) => special(V6, |(base, length)| v6_within(ip, base, *length))
            .or_else(|| (!v6_within(ip, &GLOBAL_UNICAST, 3)).then_some("not a global unicast address")),
    })
}

/// Why no entry of an allow-list may name `address`; `None` where one may.
#[must_use]
pub fn forbidden(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(ip) => special(V4_FORBIDDEN, |(base, length)| v4_within(ip, base, *length)),
        IpAddr::V6(ip) => special(V6_FORBIDDEN, |(base, length)| v6_within(ip, base, *length)),
    }
}

/// A network of addresses, or one address.
///
/// Invariant: the bits after the prefix are zero, and the first address may be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    base: IpAddr,
    length: u8,
}

impl Network {
    /// Whether `address` is one of the network's that may be named.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let within = match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(ip)) => v4_within(ip, &base.octets(), self.length),
            (IpAddr::V6(base), IpAddr::V6(ip)) => v6_within(ip, &base.segments(), self.length),
            _ => false,
        };
        within && forbidden(address).is_none()
    }

    /// Reads `10.1.2.3`, `10.1.0.0/16`, `[fd00::1]` or `[fd00::]/8`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (host, length) = match text.split_once('/') {
            Some((host, length)) => (host, Some(length)),
            None => (text, None),
        };
        let base = match host.strip_prefix('[').map(|rest| rest.strip_suffix(']')) {
            Some(inner) => inner.and_then(|inner| inner.parse().ok()).map(IpAddr::V6),
            None => host.parse().ok().map(IpAddr::V4),
        };
        let base = base.ok_or_else(|| {
            format!("has the address {host:?}; write four decimal numbers, or IPv6 in brackets, such as [fd00::1]")
        })?;
        let bits = if base.is_ipv4() { 32 } else { 128 };
        let length = match length {
            None => bits,
            Some(text) => text
                .parse()
                .ok()
                .filter(|length| *length <= bits && text.bytes().all(|b| b.is_ascii_digit()))
                .ok_or_else(|| format!("has the prefix length {text:?}; use 0 to {bits}"))?,
        };
        if let Some(why) = forbidden(base).filter(|_| length > 0) {
            return Err(format!("names {base}, which is {why}; functions cannot reach it, leave it out"));
        }
        let network = Self { base, length };
        match network.first() {
            first if first == base => Ok(network),
            first => Err(format!("has the network {text:?} with bits beyond its prefix; write {first}/{length}")),
        }
    }

    /// The first address: the base with all bits after the prefix cleared.
    fn first(&self) -> IpAddr {
        match self.base {
            IpAddr::V4(ip) => IpAddr::V4(Ipv4Addr::from_bits(ip.to_bits() & v4_mask(self.length))),
            IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & v6_mask(self.length))),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.base, self.length) {
            (IpAddr::V4(ip), 32) => write!(f, "{ip}"),
            (IpAddr::V4(ip), length) => write!(f, "{ip}/{length}"),
            (IpAddr::V6(ip), 128) => write!(f, "[{ip}]"),
            (IpAddr::V6(ip), length) => write!(f, "[{ip}]/{length}"),
        }
    }
}

type V4Block = ([u8; 4], u8);
type V6Block = ([u16; 8], u8);

const GLOBAL_UNICAST: [u16; 8] = [0x2000, 0, 0, 0, 0, 0, 0, 0];

/// What no entry may name: nothing that a function has business with is there, and much that it must not see.
const V4_FORBIDDEN: &[(V4Block, &str)] = &[
    (([0, 0, 0, 0], 8), "an address of this host (0.0.0.0/8)"),
    (([169, 254, 0, 0], 16), "link-local (169.254.0.0/16), where clouds keep a machine's credentials"),
    (([100, 100, 100, 200], 32), "a cloud's metadata service"),
    (([168, 63, 129, 16], 32), "a cloud's metadata service"),
    (([192, 0, 0, 192], 32), "a cloud's metadata service"),
    (([224, 0, 0, 0], 4), "multicast (224.0.0.0/4)"),
    (([255, 255, 255, 255], 32), "the broadcast address"),
];

const V6_FORBIDDEN: &[(V6Block, &str)] = &[
    (([0, 0, 0, 0, 0, 0, 0, 0], 128), "the unspecified address"),
    (([0, 0, 0, 0, 0, 0xffff, 0, 0], 96), "an IPv4 address within IPv6 (::ffff:0:0/96), to be written as IPv4"),
    (([0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254], 128), "a cloud's metadata service"),
    (([0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254], 128), "a cloud's metadata service"),
    (([0xfd00, 0x00c1, 0, 0, 0, 0, 0xa9fe, 0xa9fe], 128), "a cloud's metadata service"),
    (([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), "link-local (fe80::/10)"),
    (([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), "multicast (ff00::/8)"),
];

const V4: &[(V4Block, &str)] = &[
    (([10, 0, 0, 0], 8), "private (10.0.0.0/8)"),
    (([100, 64, 0, 0], 10), "shared between a carrier's customers (100.64.0.0/10)"),
    (([127, 0, 0, 0], 8), "loopback (127.0.0.0/8)"),
    (([172, 16, 0, 0], 12), "private (172.16.0.0/12)"),
    (([192, 0, 0, 0], 24), "of protocols (192.0.0.0/24)"),
    (([192, 0, 2, 0], 24), "for documentation (192.0.2.0/24)"),
    (([192, 88, 99, 0], 24), "a relay of 6to4 (192.88.99.0/24)"),
    (([192, 168, 0, 0], 16), "private (192.168.0.0/16)"),
    (([198, 18, 0, 0], 15), "for benchmarks (198.18.0.0/15)"),
    (([198, 51, 100, 0], 24), "for documentation (198.51.100.0/24)"),
    (([203, 0, 113, 0], 24), "for documentation (203.0.113.0/24)"),
    (([240, 0, 0, 0], 4), "reserved (240.0.0.0/4)"),
];

/// Blocks with a name of their own; whatever else is outside 2000::/3 is refused without one.
const V6: &[(V6Block, &str)] = &[
    (([0, 0, 0, 0, 0, 0, 0, 1], 128), "loopback (::1)"),
    (([0, 0, 0, 0, 0, 0, 0, 0], 96), "an IPv4 address within IPv6 (::/96)"),
    (([0x0064, 0xff9b, 0, 0, 0, 0, 0, 0], 96), "an IPv4 address behind NAT64 (64:ff9b::/96)"),
    (([0x0064, 0xff9b, 1, 0, 0, 0, 0, 0], 48), "an IPv4 address behind NAT64 (64:ff9b:1::/48)"),
    (([0x0100, 0, 0, 0, 0, 0, 0, 0], 64), "for discarding (100::/64)"),
    (([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), "an IPv4 address within Teredo (2001::/32)"),
    (([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), "of protocols (2001::/23)"),
    (([0x2001, 0x0db8, 0, 0, 0, 0, 0, 0], 32), "for documentation (2001:db8::/32)"),
    (([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), "an IPv4 address within 6to4 (2002::/16)"),
    (([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), "for documentation (3fff::/20)"),
    (([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), "private (fc00::/7)"),
    (([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), "site-local (fec0::/10)"),
];

fn special<B>(blocks: &[(B, &'static str)], within: impl Fn(&B) -> bool) -> Option<&'static str> {
    blocks.iter().find(|(block, _)| within(block)).map(|(_, why)| *why)
}

fn v4_within(ip: Ipv4Addr, base: &[u8; 4], length: u8) -> bool {
    (ip.to_bits() ^ u32::from_be_bytes(*base)) & v4_mask(length) == 0
}

fn v6_within(ip: Ipv6Addr, base: &[u16; 8], length: u8) -> bool {
    (ip.to_bits() ^ Ipv6Addr::from(*base).to_bits()) & v6_mask(length) == 0
}

fn v4_mask(length: u8) -> u32 {
    u32::MAX.checked_shl(32_u32.saturating_sub(length.into())).unwrap_or(0)
}

fn v6_mask(length: u8) -> u128 {
    u128::MAX.checked_shl(128_u32.saturating_sub(length.into())).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<&'static str> {
        refusal(text.parse().unwrap())
    }

    #[test]
    fn public_addresses_pass() {
        let lines = "
            1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0
            169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.167.255.255 192.169.0.0
            198.17.255.255 198.20.0.0 223.255.255.255 2606:4700::1111 2001:200::1 2001:4860:4860::8888 2003::1
            2a00:1450::1 3ffe:ffff::1 3fff:1000::";
        for public in lines.split_whitespace() {
            assert_eq!(refused(public), None, "{public}");
        }
    }

    #[test]
    fn the_edges_of_each_special_block_are_refused() {
        for (base, length) in V4.iter().chain(V4_FORBIDDEN).map(|(block, _)| *block) {
            let first = Ipv4Addr::from(base);
            for ip in [first, Ipv4Addr::from_bits(first.to_bits() | !v4_mask(length))] {
                assert!(refusal(ip.into()).is_some(), "{ip}");
            }
        }
        for (base, length) in V6.iter().chain(V6_FORBIDDEN).map(|(block, _)| *block) {
            let first = Ipv6Addr::from(base);
            for ip in [first, Ipv6Addr::from_bits(first.to_bits() | !v6_mask(length))] {
                assert!(refusal(ip.into()).is_some(), "{ip}");
            }
        }
        for other in ["1::", "1fff:ffff::1", "4000::", "5f00::1", "8000::", "fbff::1", "fe00::1"] {
            assert!(refused(other).is_some(), "{other}");
        }
    }

    #[test]
    fn a_network_holds_its_prefix_and_nothing_forbidden() {
        let network = Network::parse("0.0.0.0/0").unwrap();
        assert!(network.contains(IpAddr::from([10, 0, 0, 1])));
        assert!(!network.contains(IpAddr::from([169, 254, 169, 254])));
        assert!(!network.contains(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        let network = Network::parse("[fd00:ec2::]/32").unwrap();
        assert!(network.contains("fd00:ec2::1".parse().unwrap()));
        assert!(!network.contains("fd00:ec2::254".parse().unwrap()));
    }
}

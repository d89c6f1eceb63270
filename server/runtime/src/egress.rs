//! Outgoing HTTP requests of guests: what a function may call, and the client that calls it.
//!
//! A request passes the function's allow-list, then a place for its connection; its host is resolved here,
//! once; every address is checked; and the connection goes to a checked address. Nothing else of the process
//! makes connections for guests: no redirect is followed, no proxy is asked, no connection is shared.

mod body;
mod dial;
mod exchange;
mod fault;
mod hooks;
mod own;
mod resolver;
mod tls;

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use domain::{
    OutboundHost,
    outbound::{
        address::{forbidden, refusal},
        destination::Destination,
    },
};
use tokio::sync::Semaphore;
use tokio_rustls::TlsConnector;

pub(crate) use self::hooks::Outgoing;
use self::own::Own;
pub use self::{
    resolver::{Resolver, SystemResolver},
    tls::{Authorities, AuthoritiesError},
};
use crate::Error;

/// What outgoing requests are held to, over all functions.
#[derive(Clone, Debug)]
pub struct EgressSettings {
    /// The server's own listeners. No guest reaches them, whatever its list names.
    pub listeners: Vec<SocketAddr>,
    /// Whether an entry may let addresses through that are not public. Where other people than the operator
    /// write the lists, it should not. Default true.
    pub private: bool,
    /// Connections that are open at once, over all functions. Default 4,096: more than one project's functions
    /// have with the default limits.
    pub connections: usize,
    /// Who is trusted to say that a server is who it says. Default: the public authorities.
    pub authorities: Authorities,
    /// Who looks names up. Default: the operating system.
    pub resolver: Arc<dyn Resolver>,
}

impl Default for EgressSettings {
    fn default() -> Self {
        Self {
            listeners: Vec::new(),
            private: true,
            connections: 4_096,
            authorities: Authorities::public(),
            resolver: Arc::new(SystemResolver::default()),
        }
    }
}

/// The way out of this process, shared by all functions. A cheap handle.
#[derive(Clone)]
pub(crate) struct Egress(Arc<Shared>);

struct Shared {
    own: Own,
    private: bool,
    places: Arc<Semaphore>,
    tls: TlsConnector,
    resolver: Arc<dyn Resolver>,
}

impl Egress {
    /// Opens the way out.
    ///
    /// # Errors
    ///
    /// [`Error::Tls`] when the client's TLS cannot be set up.
    pub(crate) fn open(settings: &EgressSettings) -> Result<Self, Error> {
        Ok(Self(Arc::new(Shared {
            own: Own::new(&settings.listeners),
            private: settings.private,
            places: Arc::new(Semaphore::new(settings.connections)),
            tls: settings.authorities.connector().map_err(Error::Tls)?,
            resolver: Arc::clone(&settings.resolver),
        })))
    }
}

/// What one function may call, and how much of it.
pub struct Outbound {
    egress: Egress,
    allowed: BTreeSet<OutboundHost>,
    /// Look-ups under way, also those that nobody waits for any more.
    look_ups: Arc<Semaphore>,
    /// Connections that one instance has open at once.
    connections: u32,
    /// The size in bytes of each body, going out or coming back.
    body_bytes: u64,
}

impl Outbound {
    /// The permission to call `allowed`.
    pub(crate) fn new(egress: &Egress, allowed: BTreeSet<OutboundHost>, connections: u32, body_bytes: u64) -> Self {
        let look_ups = Arc::new(Semaphore::new(LOOK_UPS));
        Self { egress: egress.clone(), allowed, look_ups, connections, body_bytes }
    }

    /// Whether an entry lets requests to `destination` begin.
    fn allows(&self, destination: &Destination) -> bool {
        self.allowed.iter().any(|entry| entry.allows(destination))
    }

    /// The address to dial for `destination` at `ip`, or why it must not be.
    fn check(&self, destination: &Destination, ip: IpAddr) -> Result<SocketAddr, &'static str> {
        let address = SocketAddr::new(ip, destination.port);
        let named = || self.allowed.iter().any(|entry| entry.names(destination.scheme, ip, destination.port));
        if let Some(why) = forbidden(ip) {
            return Err(why);
        }
        // A firewall that holds others off does not stand between this machine and itself.
        let refused = refusal(ip).or_else(|| own::is_of_this_machine(ip).then_some("this machine's own"));
        if let Some(why) = refused.filter(|_| !(self.egress.0.private && named())) {
            return Err(why);
        }
        if self.egress.0.own.has(address) {
            return Err("a listener of this server");
        }
        Ok(address)
    }
}

/// Look-ups of one function at once, so that names whose servers do not answer hold up no other function.
const LOOK_UPS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn outbound(settings: &EgressSettings, allowed: &[&str]) -> Outbound {
        let allowed = allowed.iter().map(|entry| entry.parse().unwrap()).collect();
        Outbound::new(&Egress::open(settings).unwrap(), allowed, 16, 1 << 20)
    }

    fn check(outbound: &Outbound, authority: &str, ip: &str) -> Result<SocketAddr, &'static str> {
        let destination = Destination::parse("http", authority).unwrap();
        outbound.check(&destination, ip.parse().unwrap())
    }

    #[test]
    fn a_name_leads_to_public_addresses_and_to_those_that_the_list_names() {
        let named = outbound(&EgressSettings::default(), &["http://*.example.com:81", "http://10.0.0.0/8:81"]);
        assert!(check(&named, "a.example.com:81", "1.1.1.1").is_ok());
        assert!(check(&named, "a.example.com:81", "10.9.9.9").is_ok());
        assert!(check(&named, "a.example.com:81", "192.168.0.1").is_err());
        assert!(check(&named, "a.example.com:82", "10.9.9.9").is_err());
        let public = EgressSettings { private: false, ..EgressSettings::default() };
        assert!(check(&outbound(&public, &["http://10.0.0.0/8"]), "10.0.0.1", "10.0.0.1").is_err());
    }

    #[test]
    fn own_listeners_are_closed_to_guests() {
        let listeners = ["127.0.0.1:7070", "0.0.0.0:8080", "[::]:9090"].map(|text| text.parse().unwrap()).into();
        let settings = EgressSettings { listeners, ..EgressSettings::default() };
        let entries = [7070, 8080, 9090, 10].map(|port| format!("http://127.0.0.0/8:{port}"));
        let all = outbound(&settings, &entries.each_ref().map(String::as_str));
        for (authority, ip) in [("a:7070", "127.0.0.1"), ("a:8080", "127.0.0.1"), ("a:8080", "127.9.9.9")] {
            assert_eq!(check(&all, authority, ip), Err("a listener of this server"), "{authority} {ip}");
        }
        assert_eq!(check(&all, "a:9090", "127.0.0.1"), Err("a listener of this server"));
        assert!(check(&all, "a:7070", "127.0.0.2").is_ok());
        assert!(check(&all, "a:10", "127.0.0.1").is_ok());
    }
}

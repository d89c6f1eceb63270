//! The server's own listeners: a guest that called them would be inside the platform, or call itself for ever.

use std::net::{IpAddr, SocketAddr, UdpSocket};

/// Where the server itself listens.
pub(super) struct Own(Vec<SocketAddr>);

impl Own {
    pub(super) fn new(listeners: &[SocketAddr]) -> Self {
        Self(listeners.iter().map(|listener| canonical(*listener)).collect())
    }

    /// Whether a connection to `address` would end at one of them.
    pub(super) fn has(&self, address: SocketAddr) -> bool {
        let address = canonical(address);
        self.0.iter().any(|own| {
            own.port() == address.port()
                && (own.ip() == address.ip() || own.ip().is_unspecified() && is_of_this_machine(address.ip()))
        })
    }
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// Whether `ip` belongs to an interface of this machine: only then can a socket be bound to it. Nothing is sent.
pub(super) fn is_of_this_machine(ip: IpAddr) -> bool {
    ip.is_loopback() || UdpSocket::bind((ip, 0)).is_ok()
}

//! From a destination to a connection: a place, the look-up, the check, the dial and the encryption, in that
//! order and within one deadline.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use domain::outbound::destination::{Destination, Host, Scheme};
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::client::TlsStream;
use wasmtime_wasi_http::{Error, Result};

use super::{Outbound, fault};

/// Addresses of one name that are tried.
const MAX_ADDRESSES: usize = 8;

/// The places that a connection takes, of its instance and of the server, until it is gone.
pub(super) struct Place {
    _of_instance: OwnedSemaphorePermit,
    _of_server: OwnedSemaphorePermit,
}

/// A connection to a checked address.
pub(super) enum Connection {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

/// Connects to `destination` within `patience`; `places` are the instance's.
///
/// # Errors
///
/// `ConnectionLimitReached` when no place came free in time, else what became of the look-up, the check, the
/// dial or the encryption. [`Refused`] when the check let no address through.
pub(super) async fn connect(
    outbound: &Outbound,
    places: Arc<Semaphore>,
    destination: &Destination,
    patience: Duration,
) -> Result<(Connection, Place), Refused> {
    let deadline = Instant::now() + patience;
    let place = place(outbound, places, deadline).await?;
    let addresses = addresses(outbound, destination, deadline).await?;
    let stream = dial(&addresses, deadline).await?;
    // A guest's small messages go out as they are written.
    let _ = stream.set_nodelay(true);
    let connection = match destination.scheme {
        Scheme::Http => Connection::Plain(stream),
        Scheme::Https => {
            let connecting = outbound.egress.0.tls.connect(server_name(destination)?, stream);
            let encrypted = timeout_at(deadline, connecting).await.map_err(|_| Error::ConnectionTimeout)?;
            Connection::Encrypted(Box::new(encrypted.map_err(|error| fault::of_tls(&error))?))
        }
    };
    Ok((connection, place))
}

/// Why there is no connection.
pub(super) enum Refused {
    /// An attempt failed.
    Failed(Error),
    /// No address may be dialled; the reason of the first.
    Prohibited(&'static str),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

async fn place(outbound: &Outbound, places: Arc<Semaphore>, deadline: Instant) -> Result<Place> {
    let both = async {
        let of_instance = places.acquire_owned().await.ok()?;
        let of_server = Arc::clone(&outbound.egress.0.places).acquire_owned().await.ok()?;
        Some(Place { _of_instance: of_instance, _of_server: of_server })
    };
    timeout_at(deadline, both).await.ok().flatten().ok_or(Error::ConnectionLimitReached)
}

/// The addresses of `destination` that may be dialled: at least one.
async fn addresses(
    outbound: &Outbound,
    destination: &Destination,
    deadline: Instant,
) -> Result<Vec<SocketAddr>, Refused> {
    let found = match &destination.host {
        Host::Address(ip) => vec![*ip],
        Host::Name(name) => timeout_at(deadline, look_up(outbound, name)).await.map_err(|_| Error::DnsTimeout)?,
    };
    let checked: Vec<_> = found.into_iter().map(|ip| outbound.check(destination, ip)).collect();
    let refused = checked.iter().find_map(|address| address.err());
    let dialled: Vec<_> = checked.into_iter().flatten().take(MAX_ADDRESSES).collect();
    match refused {
        _ if !dialled.is_empty() => Ok(dialled),
        Some(why) => Err(Refused::Prohibited(why)),
        None => Err(Error::DnsError { rcode: Some("address not available".to_owned()), info_code: None }.into()),
    }
}

/// The addresses of `name`; none where that cannot be told.
async fn look_up(outbound: &Outbound, name: &str) -> Vec<IpAddr> {
    let Ok(place) = Arc::clone(&outbound.look_ups).acquire_owned().await else { return Vec::new() };
    let (resolver, name) = (Arc::clone(&outbound.egress.0.resolver), name.to_owned());
    // A look-up that has begun keeps its place to its end, however short the guest's patience is.
    let found = tokio::spawn(async move {
        let _place = place;
        resolver.resolve(&name).await
    });
    found.await.ok().and_then(Result::ok).unwrap_or_default()
}

/// Dials one address after the other, each for its share of the time that is left.
async fn dial(addresses: &[SocketAddr], deadline: Instant) -> Result<TcpStream> {
    let mut last = Error::ConnectionTimeout;
    for (address, left) in addresses.iter().zip((1..=addresses.len()).rev()) {
        let share = deadline.saturating_duration_since(Instant::now()) / u32::try_from(left).unwrap_or(u32::MAX);
        last = match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => fault::of_connect(&error),
            Err(_) => Error::ConnectionTimeout,
        };
    }
    Err(last)
}

/// Whom the certificate must name.
fn server_name(destination: &Destination) -> Result<ServerName<'static>> {
    match &destination.host {
        Host::Address(ip) => Ok(ServerName::from(*ip)),
        Host::Name(name) => ServerName::try_from(name.clone()).map_err(|_| Error::HttpRequestUriInvalid),
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Encrypted(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Encrypted(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Encrypted(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Encrypted(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

//! Looking names up: once for each connection, and by whoever the embedder names.

use std::{fmt, io, net::IpAddr, net::ToSocketAddrs as _, sync::Arc};

use tokio::{sync::Semaphore, task::spawn_blocking};

/// Looks up the hosts that guests call.
///
/// The addresses are checked after each look-up, and the connection goes to one of exactly these, so a
/// resolver may change its mind at any time.
#[async_trait::async_trait]
pub trait Resolver: fmt::Debug + Send + Sync {
    /// The addresses of `name`, the best first.
    ///
    /// # Errors
    ///
    /// When the name has none, or nobody could be asked.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The operating system's resolver, with the files and servers that it is set up with.
#[derive(Debug)]
pub struct SystemResolver(Arc<Semaphore>);

/// Look-ups at once. Each holds a thread, and one that nobody waits for any more cannot be called off.
const LOOK_UPS: usize = 64;

impl Default for SystemResolver {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LOOK_UPS)))
    }
}

#[async_trait::async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let place = Arc::clone(&self.0).acquire_owned().await.map_err(io::Error::other)?;
        let name = name.to_owned();
        let found = spawn_blocking(move || {
            let _place = place;
            (name.as_str(), 0).to_socket_addrs().map(|all| all.map(|address| address.ip()).collect())
        });
        found.await.map_err(io::Error::other)?
    }
}

//! The handle on all use cases, and its life from start to stop.

use std::sync::Arc;

use domain::Ids;
use runtime::{Runtime, artifact::Compiler};
use store::{Blobs, Store};

use crate::{Addresses, ControlConfig, Error, Routing};

/// All use cases in one cheap handle.
#[derive(Clone)]
pub struct Control(pub(crate) Arc<Inner>);

/// What the use cases share.
pub(crate) struct Inner {
    pub(crate) config: ControlConfig,
    pub(crate) store: Store,
    pub(crate) blobs: Blobs,
    pub(crate) ids: Ids,
    pub(crate) routing: Routing,
}

impl Control {
    /// Starts: drops half uploads, resumes versions that were being prepared, and builds the table of
    /// all live deployments without loading a program.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] or [`Error::Internal`] if the store cannot be read or the data folder
    /// cannot be written.
    pub async fn start(
        config: ControlConfig,
        store: Store,
        blobs: Blobs,
        runtime: Runtime,
        compiler: Compiler,
        ids: Ids,
    ) -> Result<Self, Error> {
        todo!()
    }

    /// What the data plane routes by.
    #[must_use]
    pub fn routing(&self) -> Routing {
        self.0.routing.clone()
    }

    /// Where functions answer.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.0.config.addresses
    }

    /// The largest component in bytes.
    #[must_use]
    pub fn upload_max_bytes(&self) -> u64 {
        self.0.config.upload_max_bytes
    }

    /// Whether the control plane can do its work: reads from the store once.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store does not answer.
    pub async fn ready(&self) -> Result<(), Error> {
        todo!()
    }

    /// Stops the background work. A version that is being prepared is taken up at the next start.
    pub async fn stop(&self) {
        todo!()
    }
}

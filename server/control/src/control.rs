//! The handle on all use cases, and its life from start to stop.

use std::sync::Arc;

use domain::Ids;
use runtime::{Runtime, artifact::Compiler};
use store::{Blobs, Store};
use telemetry::Metrics;
use tokio::task::AbortHandle;

use crate::{
    Addresses, Calls, Connections, ControlConfig, Error, Routing,
    access::{Passwords, Throttle},
    artifacts::Artifacts,
    host::Hosts,
    queue::{Queues, job},
    schedule::Schedules,
    secret::Secrets,
    version::{Preparer, Progress},
};

/// All use cases in one cheap handle.
#[derive(Clone)]
pub struct Control(pub(crate) Arc<Inner>);

/// What the use cases share.
pub(crate) struct Inner {
    pub(crate) config: ControlConfig,
    pub(crate) store: Store,
    pub(crate) blobs: Blobs,
    pub(crate) ids: Ids,
    pub(crate) metrics: Metrics,
    pub(crate) routing: Routing,
    pub(crate) calls: Calls,
    pub(crate) progress: Arc<Progress>,
    pub(crate) passwords: Passwords,
    pub(crate) throttle: Throttle,
    pub(crate) queues: Queues,
    /// What is done in the background.
    background: Vec<AbortHandle>,
    pub(crate) schedules: Schedules,
    pub(crate) secrets: Secrets,
    pub(crate) connections: Connections,
}

impl Control {
    /// Starts: resumes versions that were being prepared, and builds the table of all live deployments
    /// without loading a program, but for those whose instances are made ahead.
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
        metrics: Metrics,
    ) -> Result<Self, Error> {
        let artifacts = Artifacts::open(runtime, compiler, blobs.clone(), config.data_dir.clone(), &ids).await?;
        let progress = Arc::new(Progress::default());
        let preparer = Preparer {
            store: store.clone(),
            artifacts: artifacts.clone(),
            progress: Arc::clone(&progress),
            metrics: metrics.clone(),
            ids: ids.clone(),
        };
        let queues = Queues::new(store.clone(), ids.clone(), metrics.clone());
        let calls = Calls::new(store.clone(), ids.clone());
        let (data_dir, key) = (config.data_dir.clone(), config.secret_key.clone());
        let secrets = Secrets::open(store.clone(), ids.clone(), data_dir, key).await?;
        let connections = Connections::new(ids.clone(), config.max_connections, config.project_connections);
        let (sharing, sockets, quota) = (secrets.clone(), connections.clone(), config.key_value_quota);
        let hosts = Hosts::new(store.clone(), ids.clone(), queues.clone(), calls.clone(), sharing, sockets, quota);
        let routing = Routing::start(&config, artifacts, hosts, store.clone(), ids.clone(), metrics.clone()).await?;
        let passwords = Passwords::start(ids.clone()).await?;
        let waiting = preparer.resume().await?;
        if waiting > 0 {
            tracing::info!(waiting, "versions are taken up again that were being prepared");
        }
        let throttle = Throttle::default();
        let shrinking = config.shrink_after.map(|after| tokio::spawn(routing.clone().keep_small(after)).abort_handle());
        let mut background = vec![
            tokio::spawn(preparer.run()).abort_handle(),
            tokio::spawn(job::sweep(queues.clone())).abort_handle(),
            tokio::spawn(job::redrive(queues.clone())).abort_handle(),
            tokio::spawn(connections.clone().keep_history()).abort_handle(),
        ];
        background.extend(shrinking);
        let schedules = Schedules::new(store.clone(), ids.clone());
        Ok(Self(Arc::new(Inner {
            config,
            store,
            blobs,
            ids,
            metrics,
            routing,
            calls,
            progress,
            passwords,
            throttle,
            queues,
            background,
            schedules,
            secrets,
            connections,
        })))
    }

    /// What the data plane routes by.
    #[must_use]
    pub fn routing(&self) -> Routing {
        self.0.routing.clone()
    }

    /// Asynchronous calls, for those who make them.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.0.calls.clone()
    }

    /// Queues, for the parts of the server that work on them without a person asking.
    #[must_use]
    pub fn queues(&self) -> Queues {
        self.0.queues.clone()
    }

    /// Open WebSockets, for whoever holds their sockets.
    #[must_use]
    pub fn connections(&self) -> Connections {
        self.0.connections.clone()
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
        Ok(self.0.store.read().await?.check().await?)
    }

    /// Stops the background work and closes the store. A version that is being prepared is taken up at
    /// the next start.
    pub async fn stop(&self) {
        for work in &self.0.background {
            work.abort();
        }
        self.0.store.close().await;
    }
}

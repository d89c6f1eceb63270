//! A version that can run, with its function while that is loaded.

use std::{sync::Arc, time::Duration};

use domain::{Configuration, Digest, Limits, VersionNumber, version::Wasi};
use runtime::Function;
use store::ServedVersion;
use telemetry::metrics::{Metrics, Recorder};
use tokio::sync::Mutex;

use super::{
    InvokeFault,
    home::Home,
    loaded::{Ledger, Slot},
};
use crate::{Error, artifacts::Artifacts};

/// A version that can run. There is one for each version, shared by all deployments that name it.
pub(crate) struct Runnable {
    pub(crate) home: Arc<Home>,
    pub(crate) number: VersionNumber,
    pub(super) by_http: Recorder,
    pub(super) by_test: Recorder,
    component: Digest,
    wasi: Wasi,
    configuration: Configuration,
    artifacts: Artifacts,
    ledger: Arc<Ledger<Function>>,
    slot: Arc<Slot<Function>>,
    /// Held while the function is loaded, so that all who need it wait for one loading.
    loading: Mutex<()>,
}

/// Keeps a version loaded, with the instances that it has made ahead, for as long as it lives.
pub(crate) struct Pin(Arc<Runnable>);

impl Runnable {
    /// Nothing is loaded yet.
    pub(super) fn new(
        home: Arc<Home>,
        version: ServedVersion,
        artifacts: Artifacts,
        ledger: Arc<Ledger<Function>>,
        metrics: &Metrics,
    ) -> Self {
        let ServedVersion { number, component, configuration, verdict, .. } = version;
        let recorder = |trigger| metrics.recorder(home.project.name.as_str(), home.name.as_str(), number, trigger);
        Self {
            number,
            by_http: recorder("http"),
            by_test: recorder("other"),
            slot: Slot::new(verdict.artifact_bytes),
            component,
            wasi: verdict.wasi,
            configuration,
            artifacts,
            ledger,
            loading: Mutex::default(),
            home,
        }
    }

    /// What its invocations may use.
    pub(crate) const fn limits(&self) -> &Limits {
        &self.configuration.limits
    }

    /// Whether it has instances made ahead while it is live.
    pub(super) const fn is_provisioned(&self) -> bool {
        self.configuration.provisioned > 0
    }

    /// The function, which is loaded if it is not.
    async fn function(&self) -> Result<Function, Error> {
        if let Some(function) = self.ledger.call(&self.slot) {
            return Ok(function);
        }
        let _turn = self.loading.lock().await;
        // Another one may have loaded it while this one waited.
        match self.ledger.call(&self.slot) {
            Some(function) => Ok(function),
            None => self.load().await,
        }
    }

    /// Loads the function; with instances made ahead only where a pin asks for them.
    async fn load(&self) -> Result<Function, Error> {
        let ahead = self.is_provisioned() && self.slot.is_pinned();
        let program = self.artifacts.load(self.component, self.wasi).await?;
        let provisioned = if ahead { self.configuration.provisioned } else { 0 };
        let function = program.function(Configuration { provisioned, ..self.configuration.clone() });
        self.ledger.put(&self.slot, function.clone(), ahead);
        Ok(function)
    }

    /// The function, for a caller who waits no longer than an invocation may take.
    pub(super) async fn function_in_time(&self) -> Result<Function, InvokeFault> {
        if let Some(function) = self.ledger.call(&self.slot) {
            return Ok(function);
        }
        let patience = Duration::from_millis(self.limits().timeout_ms.into());
        let unavailable = |message: &str| InvokeFault::Unavailable { message: message.to_owned() };
        match tokio::time::timeout(patience, self.function()).await {
            Ok(Ok(function)) => Ok(function),
            Ok(Err(error)) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, component = %self.component, "a program could not be loaded");
                Err(unavailable("the function cannot be loaded now; try again"))
            }
            Err(_) => Err(unavailable("the function is still being prepared; try again")),
        }
    }
}

impl Drop for Runnable {
    fn drop(&mut self) {
        self.ledger.forget(&self.slot);
    }
}

impl Pin {
    /// Pins `runnable`. Nothing is loaded by that alone.
    pub(super) fn new(runnable: Arc<Runnable>) -> Self {
        runnable.ledger.pin(&runnable.slot);
        Self(runnable)
    }

    /// Loads the function, and has its instances made ahead, unless that was done.
    pub(super) async fn load(&self) -> Result<(), Error> {
        let runnable = &self.0;
        let _turn = runnable.loading.lock().await;
        let is_loaded = match runnable.is_provisioned() {
            true => runnable.slot.is_held_for_pins(),
            false => runnable.ledger.call(&runnable.slot).is_some(),
        };
        if !is_loaded {
            runnable.load().await?;
        }
        Ok(())
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        self.0.ledger.unpin(&self.0.slot);
    }
}

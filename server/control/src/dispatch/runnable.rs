//! A version that can run, with its function while that is loaded.

use std::sync::{Arc, OnceLock};

use domain::{Configuration, Digest, Handler, Limits, QueueName, VersionNumber, version::Wasi};
use runtime::Function;
use store::ServedVersion;
use telemetry::metrics::{Metrics, Recorder};
use tokio::sync::Mutex;

use super::{
    Cause, InvokeFault,
    home::Home,
    loaded::{Ledger, Slot},
};
use crate::{Error, artifacts::Artifacts};

/// A version that can run. There is one for each version, shared by all deployments that name it.
pub(crate) struct Runnable {
    pub(crate) home: Arc<Home>,
    pub(crate) number: VersionNumber,
    recorders: Recorders,
    component: Digest,
    wasi: Wasi,
    configuration: Configuration,
    /// What it handles.
    handlers: Vec<Handler>,
    artifacts: Artifacts,
    /// What answers its guests.
    host: Arc<dyn runtime::Host>,
    ledger: Arc<Ledger<Function>>,
    slot: Arc<Slot<Function>>,
    /// Held while the function is loaded, so that all who need it wait for one loading.
    loading: Mutex<()>,
}

/// What records the invocations of a version, made for each kind of trigger when it first fires.
struct Recorders {
    metrics: Metrics,
    http: OnceLock<Recorder>,
    queue: OnceLock<Recorder>,
    cron: OnceLock<Recorder>,
    websocket: OnceLock<Recorder>,
    other: OnceLock<Recorder>,
}

impl Recorders {
    const fn new(metrics: Metrics) -> Self {
        Self {
            metrics,
            http: OnceLock::new(),
            queue: OnceLock::new(),
            cron: OnceLock::new(),
            websocket: OnceLock::new(),
            other: OnceLock::new(),
        }
    }
}

/// Keeps a version loaded, with the instances that it has made ahead, for as long as it lives.
pub(crate) struct Pin(Arc<Runnable>);

impl Runnable {
    /// Nothing is loaded yet.
    pub(super) fn new(
        home: Arc<Home>,
        version: ServedVersion,
        artifacts: Artifacts,
        host: Arc<dyn runtime::Host>,
        ledger: Arc<Ledger<Function>>,
        metrics: &Metrics,
    ) -> Self {
        let ServedVersion { number, component, configuration, verdict, .. } = version;
        Self {
            number,
            recorders: Recorders::new(metrics.clone()),
            slot: Slot::new(verdict.artifact_bytes),
            component,
            wasi: verdict.wasi,
            configuration,
            handlers: Handler::ALL.into_iter().filter(|handler| handler.is_among(&verdict.exports)).collect(),
            artifacts,
            host,
            ledger,
            loading: Mutex::default(),
            home,
        }
    }

    /// What records invocations of `cause`.
    pub(super) fn recorder(&self, cause: Cause) -> &Recorder {
        let recorders = &self.recorders;
        let (recorder, trigger) = match cause {
            Cause::Http => (&recorders.http, "http"),
            Cause::Queue => (&recorders.queue, "pubsub"),
            Cause::Cron => (&recorders.cron, "timer"),
            Cause::WebSocket => (&recorders.websocket, "websocket"),
            Cause::Test | Cause::Call => (&recorders.other, "other"),
        };
        recorder.get_or_init(|| {
            let (project, function) = (self.home.project.name.as_str(), self.home.name.as_str());
            recorders.metrics.recorder(project, function, self.number, trigger)
        })
    }

    /// What its invocations may use.
    pub(crate) const fn limits(&self) -> &Limits {
        &self.configuration.limits
    }

    /// The queue for asynchronous calls that failed for good.
    pub(super) const fn dead_letter_queue(&self) -> Option<&QueueName> {
        self.configuration.dead_letter_queue.as_ref()
    }

    /// Whether it handles such events.
    pub(super) fn handles(&self, handler: Handler) -> bool {
        self.handlers.contains(&handler)
    }

    /// Whether it has instances made ahead while it is live.
    pub(super) const fn is_provisioned(&self) -> bool {
        self.configuration.provisioned > 0
    }

    /// The function, which is loaded if nobody has done so meanwhile.
    async fn function(&self) -> Result<Function, Error> {
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
        let configuration = Configuration { provisioned, ..self.configuration.clone() };
        let function = program.function(configuration, Arc::clone(&self.host));
        self.ledger.put(&self.slot, function.clone(), ahead);
        Ok(function)
    }

    /// Loads the function anew if it is not on the pools of now; or lets go of it, where nobody has called it after `mark`
    /// nor has its instances made ahead. Calls go on meanwhile.
    pub(super) async fn take_along(&self, mark: u64) {
        let _turn = self.loading.lock().await;
        let Some(function) = self.ledger.look(&self.slot).filter(|function| !self.artifacts.is_current(function))
        else {
            return;
        };
        drop(function);
        if !self.slot.was_called_after(mark) && !self.slot.is_held_for_pins() {
            return self.ledger.forget(&self.slot);
        }
        if let Err(error) = self.load().await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, component = %self.component, "a program could not be loaded anew");
            self.ledger.forget(&self.slot);
        }
    }

    /// The function, for a caller who waits no longer than an invocation may take.
    pub(super) async fn function_in_time(&self) -> Result<Function, InvokeFault> {
        if let Some(function) = self.ledger.call(&self.slot) {
            return Ok(function);
        }
        let patience = self.limits().timeout();
        let unavailable = |message: &str| InvokeFault::Unavailable { message: message.to_owned() };
        // Large and rare: without a box every invocation's future would have its size, and is moved at that.
        match Box::pin(tokio::time::timeout(patience, self.function())).await {
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

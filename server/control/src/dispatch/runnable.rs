//! A version that can run, with its program once someone has called it.

use std::{sync::Arc, time::Duration};

use domain::{Configuration, Digest, Limits, VersionNumber, version::Wasi};
use runtime::{Outbound, Program};
use telemetry::metrics::{Metrics, Recorder};
use tokio::sync::OnceCell;

use super::{InvokeFault, home::Home};
use crate::artifacts::Artifacts;

/// A version that can run. There is one for each version, shared by all deployments that name it.
pub(crate) struct Runnable {
    pub(crate) home: Arc<Home>,
    pub(crate) number: VersionNumber,
    pub(crate) limits: Arc<Limits>,
    pub(super) variables: Arc<Vec<(String, String)>>,
    pub(super) outbound: Option<Arc<Outbound>>,
    pub(super) by_http: Recorder,
    pub(super) by_test: Recorder,
    component: Digest,
    wasi: Wasi,
    artifacts: Artifacts,
    program: OnceCell<Program>,
}

impl Runnable {
    /// Nothing is loaded yet.
    pub(super) fn new(
        home: Arc<Home>,
        number: VersionNumber,
        component: Digest,
        wasi: Wasi,
        configuration: Configuration,
        artifacts: Artifacts,
        metrics: &Metrics,
    ) -> Self {
        let recorder = |trigger| metrics.recorder(home.project.name.as_str(), home.name.as_str(), number, trigger);
        Self {
            number,
            by_http: recorder("http"),
            by_test: recorder("other"),
            outbound: artifacts.outbound(configuration.allowed_outbound_hosts, &configuration.limits),
            limits: Arc::new(configuration.limits),
            variables: Arc::new(configuration.variables.into_iter().collect()),
            component,
            wasi,
            artifacts,
            program: OnceCell::new(),
            home,
        }
    }

    /// The program, loaded by the first who asks.
    pub(crate) async fn program(&self) -> Result<&Program, crate::Error> {
        if let Some(program) = self.program.get() {
            return Ok(program);
        }
        self.program.get_or_try_init(|| self.artifacts.load(self.component, self.wasi)).await
    }

    /// The program, for a caller who waits no longer than an invocation may take.
    pub(super) async fn program_in_time(&self) -> Result<&Program, InvokeFault> {
        if let Some(program) = self.program.get() {
            return Ok(program);
        }
        let patience = Duration::from_millis(self.limits.timeout_ms.into());
        let unavailable = |message: &str| InvokeFault::Unavailable { message: message.to_owned() };
        match tokio::time::timeout(patience, self.program()).await {
            Ok(Ok(program)) => Ok(program),
            Ok(Err(error)) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, component = %self.component, "a program could not be loaded");
                Err(unavailable("the function cannot be loaded now; try again"))
            }
            Err(_) => Err(unavailable("the function is still being prepared; try again")),
        }
    }
}

//! A version that can run, with its function once someone has called it.

use std::{sync::Arc, time::Duration};

use domain::{Configuration, Digest, Limits, VersionNumber, version::Wasi};
use runtime::Function;
use telemetry::metrics::{Metrics, Recorder};
use tokio::sync::OnceCell;

use super::{InvokeFault, home::Home};
use crate::artifacts::Artifacts;

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
    function: OnceCell<Function>,
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
            component,
            wasi,
            configuration,
            artifacts,
            function: OnceCell::new(),
            home,
        }
    }

    /// What its invocations may use.
    pub(crate) const fn limits(&self) -> &Limits {
        &self.configuration.limits
    }

    /// The function, whose program is loaded by the first who asks.
    pub(crate) async fn function(&self) -> Result<&Function, crate::Error> {
        let load = || async {
            let program = self.artifacts.load(self.component, self.wasi).await?;
            Ok(program.function(self.configuration.clone()))
        };
        match self.function.get() {
            Some(function) => Ok(function),
            None => self.function.get_or_try_init(load).await,
        }
    }

    /// The function, for a caller who waits no longer than an invocation may take.
    pub(super) async fn function_in_time(&self) -> Result<&Function, InvokeFault> {
        if let Some(function) = self.function.get() {
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

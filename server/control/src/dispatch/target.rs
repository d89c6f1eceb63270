//! The version that answers a request, and the way into it.

use std::{sync::Arc, time::Duration};

use domain::{FunctionName, Handler, Limits, ProjectName, QueueName, VersionNumber, id::InvocationId};
use http::{Request, Response};
use runtime::{Batch, Body, Call, Disposition, Failure, Function, Payload, Report, Slot};

use super::{
    InvokeFault,
    record::{Cause, Record},
    runnable::Runnable,
    table::Route,
};

/// The version that answers a request. It stays the same whatever is deployed meanwhile.
pub struct Target {
    pub(super) runnable: Arc<Runnable>,
    pub(super) route: Option<Arc<Route>>,
    pub(super) parameters: Vec<(String, String)>,
}

impl Target {
    /// The way into a version, without a route.
    pub(crate) const fn of(runnable: Arc<Runnable>) -> Self {
        Self { runnable, route: None, parameters: Vec::new() }
    }

    /// The project's name.
    #[must_use]
    pub fn project(&self) -> &ProjectName {
        &self.runnable.home.project.name
    }

    /// The function's name.
    #[must_use]
    pub fn function(&self) -> &FunctionName {
        &self.runnable.home.name
    }

    /// The version's number.
    #[must_use]
    pub fn version(&self) -> VersionNumber {
        self.runnable.number
    }

    /// What the invocation may use.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.runnable.limits()
    }

    /// The queue for asynchronous calls that failed for good.
    #[must_use]
    pub fn dead_letter_queue(&self) -> Option<&QueueName> {
        self.runnable.dead_letter_queue()
    }

    /// The pattern that matched; absent on preview hosts.
    #[must_use]
    pub fn route(&self) -> Option<&str> {
        self.route.as_deref().map(|route| route.pattern.as_str())
    }

    /// The values of the pattern's parameters, as they stand in the path.
    #[must_use]
    pub fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }

    /// Runs the guest; answers when the answer's head is there.
    ///
    /// Dropping the answer's body ends the invocation as cancelled.
    ///
    /// # Errors
    ///
    /// [`InvokeFault`], each with the status to answer with.
    pub fn invoke(
        self,
        id: InvocationId,
        request: Request<Body>,
    ) -> impl Future<Output = Result<Response<Body>, InvokeFault>> {
        self.call(id, request, Cause::Http, |_| {})
    }

    /// Has the guest consume `batch` within `deadline`; gives what became of each message.
    ///
    /// # Errors
    ///
    /// [`InvokeFault`], whose message is for the function's owner.
    pub async fn consume(
        self,
        id: InvocationId,
        deadline: Duration,
        batch: Batch,
    ) -> Result<Vec<Disposition>, InvokeFault> {
        let (function, call) = self.enter(id, Cause::Queue, |_| {}).await?;
        Ok(function.consume(call, deadline, batch).await?)
    }

    /// Has the guest do the work of `slot` within `deadline`; the inner error is its own word that it failed.
    ///
    /// # Errors
    ///
    /// As [`Self::consume`].
    pub async fn run_slot(
        self,
        id: InvocationId,
        deadline: Duration,
        slot: Slot,
    ) -> Result<Result<(), String>, InvokeFault> {
        let (function, call) = self.enter(id, Cause::Cron, |_| {}).await?;
        Ok(function.run_slot(call, deadline, slot).await?)
    }

    /// Calls the guest by name with `payload`; the inner error is its own word that it failed.
    ///
    /// # Errors
    ///
    /// As [`Self::consume`].
    pub async fn call_by_name(
        self,
        id: InvocationId,
        payload: Payload,
    ) -> Result<Result<Payload, Failure>, InvokeFault> {
        self.call_from(id, payload, 0).await
    }

    /// As [`Self::call_by_name`], for a function that calls this one and is `depth - 1` calls away from the event that
    /// began them all.
    pub(crate) async fn call_from(
        self,
        id: InvocationId,
        payload: Payload,
        depth: u8,
    ) -> Result<Result<Payload, Failure>, InvokeFault> {
        let (function, call) = self.enter(id, Cause::Call, |_| {}).await?;
        Ok(function.invoke_from(call, payload, depth).await?)
    }

    /// Whether it can be called by name.
    pub(crate) fn is_callable(&self) -> bool {
        self.runnable.handles(Handler::Function)
    }

    /// As [`Self::invoke`], for `cause`; `observe` gets the report when the guest is gone.
    pub(crate) async fn call(
        self,
        id: InvocationId,
        request: Request<Body>,
        cause: Cause,
        observe: impl FnOnce(Report) + Send + 'static,
    ) -> Result<Response<Body>, InvokeFault> {
        let (function, call) = self.enter(id, cause, observe).await?;
        function.http(call, request).await.map_err(|fault| InvokeFault::failed(fault.outcome))
    }

    /// Lets an invocation in, with the function loaded and its record begun.
    pub(super) async fn enter(
        self,
        id: InvocationId,
        cause: Cause,
        observe: impl FnOnce(Report) + Send + 'static,
    ) -> Result<(Function, Call), InvokeFault> {
        let Self { runnable, route, .. } = self;
        // A route that is no longer live is not held up by what still runs.
        drop(route);
        let admission = runnable.home.admit(runnable.limits().concurrency)?;
        let function = runnable.function_in_time().await?;
        let record = Record::begin(id, cause, Arc::clone(&runnable));
        let on_end = move |report| {
            // The place is free only now that the guest is gone.
            drop(admission);
            record.end(&report);
            observe(report);
        };
        Ok((function, Call { id, on_end: Box::new(on_end) }))
    }
}

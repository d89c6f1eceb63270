//! Functions: a program with the configuration of one version. What is called.

use std::{fmt, sync::Arc, time::Duration};

use domain::{Configuration, Limits, Reuse};
use wasmtime::Engine;

use crate::{
    Batch, Body, Call, Disposition, Failure, Fault, Host, Payload, Program, Slot, Socket, SocketAccept, SocketMessage,
    SocketRefusal, SocketRequest,
    capability::Grants,
    egress::{Egress, Outbound},
    event::{self, SocketEnd, SocketInput},
    http as exchange,
    instances::Instances,
};

/// A version that can be called: its program, and what its invocations run with. A cheap handle.
#[derive(Clone)]
pub struct Function(Arc<Instances>);

/// What the invocations of one version run with.
pub(crate) struct Terms {
    pub(crate) limits: Limits,
    /// The guest's environment: exactly these variables, nothing of the host's.
    pub(crate) variables: Vec<(String, String)>,
    /// Where the guest may send requests; nowhere where absent.
    pub(crate) outbound: Option<Arc<Outbound>>,
    /// What the guest may ask of the platform; nothing where absent.
    pub(crate) grants: Option<Arc<Grants>>,
    pub(crate) provisioned: u32,
    pub(crate) reuse: Option<Reuse>,
}

impl Terms {
    /// `limits` and nothing else.
    pub(crate) const fn bare(limits: Limits) -> Self {
        Self { limits, variables: Vec::new(), outbound: None, grants: None, provisioned: 0, reuse: None }
    }

    fn new(configuration: Configuration, host: Arc<dyn Host>, egress: &Egress) -> Self {
        let grants = Some(Grants::new(&configuration, host));
        let Configuration { limits, variables, allowed_outbound_hosts, provisioned, reuse, .. } = configuration;
        let outbound = (!allowed_outbound_hosts.is_empty()).then(|| {
            let Limits { outbound_connections, outbound_body_bytes, .. } = limits;
            Arc::new(Outbound::new(egress, allowed_outbound_hosts, outbound_connections, outbound_body_bytes))
        });
        Self { limits, variables: variables.into_iter().collect(), outbound, grants, provisioned, reuse }
    }
}

impl Function {
    pub(crate) fn new(program: &Program, configuration: Configuration, host: Arc<dyn Host>) -> Self {
        let terms = Terms::new(configuration, host, &program.egress);
        Self(Instances::new(program.linked.clone(), terms, program.places.clone()))
    }

    /// The engine that its instances are of.
    pub(crate) fn engine(&self) -> &Engine {
        self.0.engine()
    }

    /// Runs one HTTP invocation and gives the answer as soon as its head is there; its body streams
    /// while the guest runs on.
    ///
    /// The instance is a fresh one unless the configuration says otherwise. The request needs a host:
    /// in its URI, or as its `host` header. Cancel safe: dropping the future or the answer's body ends
    /// the guest.
    ///
    /// # Errors
    ///
    /// A [`Fault`] when there is no head to give. What goes wrong later breaks the body off with an
    /// error; [`Call::on_end`] hears of both.
    pub fn http(
        &self,
        call: Call,
        request: http::Request<Body>,
    ) -> impl Future<Output = Result<http::Response<Body>, Fault>> {
        exchange::invoke(&self.0, call, request)
    }

    /// Has the guest handle a batch of messages within `deadline`, and gives what became of each, in their order.
    ///
    /// Where the guest says nothing of a message, it is a retry. Cancel safe: dropping the future ends the guest.
    ///
    /// # Errors
    ///
    /// A [`Fault`] when the guest did not come to its end; [`Call::on_end`] hears of it too.
    pub async fn consume(&self, call: Call, deadline: Duration, batch: Batch) -> Result<Vec<Disposition>, Fault> {
        event::run(&self.0, call, deadline, batch, 0).await
    }

    /// Has the guest do the work of a schedule's slot within `deadline`. Cancel safe as [`Self::consume`].
    ///
    /// The inner error is the guest's own word that it failed, of which 4 KiB are kept; it is reported as
    /// [`Outcome::Failed`].
    ///
    /// [`Outcome::Failed`]: domain::invocation::Outcome::Failed
    ///
    /// # Errors
    ///
    /// As for [`Self::consume`].
    pub async fn run_slot(&self, call: Call, deadline: Duration, slot: Slot) -> Result<Result<(), String>, Fault> {
        event::run(&self.0, call, deadline, slot, 0).await
    }

    /// Asks the guest whether it takes a connection; within its own deadline.
    ///
    /// Cancel safe: dropping the future ends the guest.
    ///
    /// # Errors
    ///
    /// As [`Self::consume`].
    pub async fn connect(
        &self,
        call: Call,
        request: SocketRequest,
    ) -> Result<Result<SocketAccept, SocketRefusal>, Fault> {
        event::run(&self.0, call, self.0.terms().limits.timeout(), request, 0).await
    }

    /// Has the guest handle a message of a connection; within its own deadline.
    ///
    /// # Errors
    ///
    /// As [`Self::consume`].
    pub async fn receive(&self, call: Call, socket: Socket, message: SocketMessage) -> Result<(), Fault> {
        event::run(&self.0, call, self.0.terms().limits.timeout(), SocketInput(socket, message), 0).await
    }

    /// Tells the guest that a connection is gone; within its own deadline.
    ///
    /// # Errors
    ///
    /// As [`Self::consume`].
    pub async fn disconnect(&self, call: Call, socket: Socket, code: u16, reason: String) -> Result<(), Fault> {
        event::run(&self.0, call, self.0.terms().limits.timeout(), SocketEnd(socket, code, reason), 0).await
    }

    /// Calls the guest by its function's name, within the deadline of the configuration. Cancel safe as
    /// [`Self::consume`].
    ///
    /// The inner error is the guest's own, as for [`Self::run_slot`].
    ///
    /// # Errors
    ///
    /// As for [`Self::consume`].
    pub async fn invoke(&self, call: Call, payload: Payload) -> Result<Result<Payload, Failure>, Fault> {
        self.invoke_from(call, payload, 0).await
    }

    /// As [`Self::invoke`], for another function that calls this one and is itself `depth - 1` calls away from the event
    /// that began them all.
    ///
    /// # Errors
    ///
    /// As for [`Self::consume`].
    pub async fn invoke_from(
        &self,
        call: Call,
        payload: Payload,
        depth: u8,
    ) -> Result<Result<Payload, Failure>, Fault> {
        let deadline = self.0.terms().limits.timeout();
        event::run(&self.0, call, deadline, payload, depth).await
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function").finish_non_exhaustive()
    }
}

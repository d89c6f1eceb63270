//! Functions: a program with the configuration of one version. What is called.

use std::{fmt, sync::Arc};

use domain::{Configuration, Limits, Reuse};

use crate::{
    Body, Call, Fault, Program,
    egress::{Egress, Outbound},
    http::{self as invocation, Preview2, Preview3},
    instances::Instances,
    program::Pre,
};

/// A version that can be called: its program, and what its invocations run with. A cheap handle.
#[derive(Clone)]
pub struct Function(Generation);

#[derive(Clone)]
enum Generation {
    Preview2(Arc<Instances<Preview2>>),
    Preview3(Arc<Instances<Preview3>>),
}

/// What the invocations of one version run with.
pub(crate) struct Terms {
    pub(crate) limits: Limits,
    /// The guest's environment: exactly these variables, nothing of the host's.
    pub(crate) variables: Vec<(String, String)>,
    /// Where the guest may send requests; nowhere where absent.
    pub(crate) outbound: Option<Arc<Outbound>>,
    pub(crate) provisioned: u32,
    pub(crate) reuse: Option<Reuse>,
}

impl Terms {
    /// `limits` and nothing else.
    pub(crate) const fn bare(limits: Limits) -> Self {
        Self { limits, variables: Vec::new(), outbound: None, provisioned: 0, reuse: None }
    }

    fn new(configuration: Configuration, egress: &Egress) -> Self {
        let Configuration { limits, variables, allowed_outbound_hosts, provisioned, reuse, .. } = configuration;
        let outbound = (!allowed_outbound_hosts.is_empty()).then(|| {
            let Limits { outbound_connections, outbound_body_bytes, .. } = limits;
            Arc::new(Outbound::new(egress, allowed_outbound_hosts, outbound_connections, outbound_body_bytes))
        });
        Self { limits, variables: variables.into_iter().collect(), outbound, provisioned, reuse }
    }
}

impl Function {
    pub(crate) fn new(program: &Program, configuration: Configuration) -> Self {
        let (terms, places) = (Terms::new(configuration, &program.egress), program.places.clone());
        Self(match &program.pre {
            Pre::Preview2(pre) => Generation::Preview2(Instances::new(pre.clone(), terms, places)),
            Pre::Preview3(pre) => Generation::Preview3(Instances::new(pre.clone(), terms, places)),
        })
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
    pub async fn http(&self, call: Call, request: http::Request<Body>) -> Result<http::Response<Body>, Fault> {
        match &self.0 {
            Generation::Preview2(instances) => invocation::invoke(instances, call, request).await,
            Generation::Preview3(instances) => invocation::invoke(instances, call, request).await,
        }
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function").finish_non_exhaustive()
    }
}

//! What guests ask of the platform beyond WASI: each call is checked against what the version declares, and against
//! its bounds, before it leaves the runtime.

mod config;
mod connections;
mod function;
mod key_value;
mod queue;
mod secrets;

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
    sync::Arc,
};

use domain::{BucketName, Configuration, FunctionName, QueueName, SecretName};

#[allow(unreachable_pub, reason = "the generated bindings export them again")]
pub use self::{
    key_value::{Bucket, Cas},
    secrets::Secret,
};
use crate::{Host, state::Guest};

/// What the guests of one version may ask for, and who answers.
pub(crate) struct Grants {
    host: Arc<dyn Host>,
    variables: BTreeMap<String, String>,
    buckets: BTreeSet<BucketName>,
    queues: BTreeSet<QueueName>,
    functions: BTreeSet<FunctionName>,
    secrets: BTreeSet<SecretName>,
    connections_of: BTreeSet<FunctionName>,
}

impl Grants {
    /// What `configuration` declares, answered by `host`.
    pub(crate) fn new(configuration: &Configuration, host: Arc<dyn Host>) -> Arc<Self> {
        let Configuration { variables, key_value, sends_to, invokes, secrets, connections_of, .. } =
            configuration.clone();
        let (buckets, queues, functions) = (key_value, sends_to, invokes);
        Arc::new(Self { host, variables, buckets, queues, functions, secrets, connections_of })
    }
}

/// A guest asked for what no version is there to have.
#[derive(Debug, thiserror::Error)]
#[error(
    "it asked for variables, values by key, queues, functions, secrets or connections, which are not there while a \
     version is prepared; ask for them when an event comes"
)]
pub(crate) struct NotWhilePrepared;

impl Guest {
    /// What the guest may ask for.
    ///
    /// # Errors
    ///
    /// [`NotWhilePrepared`], which ends the guest.
    fn grants(&self) -> wasmtime::Result<Arc<Grants>> {
        self.grants.clone().ok_or_else(|| NotWhilePrepared.into())
    }
}

/// The name among those that are `declared`.
fn declared<'d, N: FromStr + Ord>(declared: &'d BTreeSet<N>, name: &str) -> Option<&'d N> {
    declared.get(&name.parse().ok()?)
}

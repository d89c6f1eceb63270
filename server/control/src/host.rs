//! What guests ask of the platform: each version's host, over the store, the queues and the functions of its project.

mod connection;
mod function;
mod key_value;
mod queue;
mod secret;

use std::sync::{Arc, OnceLock, Weak};

use domain::{Ids, key_value::KeyValueQuota};
use store::Store;

use crate::{
    Calls, Connections, Routing,
    dispatch::{Home, Plane},
    queue::Queues,
    secret::Secrets,
};

/// What all hosts share.
pub(crate) struct Hosts {
    store: Store,
    ids: Ids,
    queues: Queues,
    calls: Calls,
    secrets: Secrets,
    connections: Connections,
    key_value_quota: KeyValueQuota,
    /// Where functions that others call are found. It holds what holds this.
    plane: OnceLock<Weak<Plane>>,
}

/// The host of one version.
struct VersionHost {
    shared: Arc<Hosts>,
    home: Arc<Home>,
}

impl Hosts {
    pub(crate) fn new(
        store: Store,
        ids: Ids,
        queues: Queues,
        calls: Calls,
        secrets: Secrets,
        connections: Connections,
        key_value_quota: KeyValueQuota,
    ) -> Arc<Self> {
        Arc::new(Self { store, ids, queues, calls, secrets, connections, key_value_quota, plane: OnceLock::new() })
    }

    /// Has functions found in `plane`, which is there later than this.
    pub(crate) fn find_functions_in(&self, plane: &Arc<Plane>) {
        self.plane.get_or_init(|| Arc::downgrade(plane));
    }

    /// The host of a version of the function that is at `home`.
    pub(crate) fn of(self: &Arc<Self>, home: &Arc<Home>) -> Arc<dyn runtime::Host> {
        Arc::new(VersionHost { shared: Arc::clone(self), home: Arc::clone(home) })
    }
}

impl VersionHost {
    /// Where live functions are found; nowhere while the server stops.
    fn routing(&self) -> Option<Routing> {
        self.shared.plane.get().and_then(Weak::upgrade).map(Routing)
    }
}

/// Notes why something of the platform's is not to be had; guests learn only that it is not.
fn unavailable<E>(error: &(dyn std::error::Error + 'static), what: &str, told: E) -> E {
    tracing::warn!(error, "{what} of a guest's cannot be had");
    told
}

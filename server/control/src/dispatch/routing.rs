//! The data plane's handle: finds the version that answers a request.

use std::{borrow::Cow, sync::Arc};

use arc_swap::ArcSwap;
use domain::{Ids, id::InvocationId, route::Search};
use http::{HeaderMap, Method};
use store::Store;
use telemetry::Metrics;
use tokio::sync::{Mutex, watch};

use super::{
    Pin, Runnable, Target,
    draw::Draw,
    home::Homes,
    interned::Interned,
    loaded::Ledger,
    preview::Previews,
    table::{LiveFunction, Route, Table},
};
use crate::{Addresses, ControlConfig, Error, artifacts::Artifacts, host::Hosts};

/// Finds the version that answers a request. A cheap handle.
#[derive(Clone)]
pub struct Routing(pub(crate) Arc<Plane>);

/// What the data plane holds.
pub(crate) struct Plane {
    pub(super) addresses: Addresses,
    pub(super) table: ArcSwap<Table>,
    /// Held from before a deployment is committed until it is in the table, so that the table changes
    /// in the order of the store.
    pub(super) publishing: Arc<Mutex<()>>,
    pub(super) artifacts: Artifacts,
    hosts: Arc<Hosts>,
    pub(super) store: Store,
    pub(super) previews: Previews,
    homes: Homes,
    pub(super) runnables: Interned<domain::id::VersionId, Runnable>,
    pub(super) loaded: Arc<Ledger<runtime::Function>>,
    pub(super) draw: Draw,
    ids: Ids,
    metrics: Metrics,
    /// Told whenever the table has changed.
    pub(super) changes: watch::Sender<()>,
}

/// What was found for a request.
pub enum Resolution {
    /// A version that answers.
    Found(Target),
    /// No function is there: 404.
    NoRoute,
    /// Functions are there, but none takes the method; these methods they take: 405.
    MethodNotAllowed(Vec<String>),
    /// It cannot be told now: 503.
    Unavailable {
        /// Why, for callers.
        message: String,
    },
}

impl Routing {
    /// Builds the table of all live deployments. No program is loaded before its first call, but for those whose
    /// instances are made ahead.
    pub(crate) async fn start(
        config: &ControlConfig,
        artifacts: Artifacts,
        hosts: Arc<Hosts>,
        store: Store,
        ids: Ids,
        metrics: Metrics,
    ) -> Result<Self, Error> {
        let mut reader = store.read().await?;
        let (live, ceilings) = (reader.list_live_functions().await?, reader.list_ceilings().await?);
        drop(reader);
        let routing = Self(Arc::new(Plane {
            addresses: config.addresses.clone(),
            table: ArcSwap::default(),
            publishing: Arc::default(),
            artifacts,
            hosts,
            store,
            previews: Previews::default(),
            homes: Homes::new(config.project_concurrency, &ceilings),
            runnables: Interned::default(),
            loaded: Ledger::new(config.loaded_bytes, metrics.clone()),
            draw: Draw::new(&ids),
            ids,
            metrics,
            changes: watch::Sender::new(()),
        }));
        routing.0.hosts.find_functions_in(&routing.0);
        let live: Vec<_> = live.into_iter().map(|function| routing.live_function(function)).collect();
        routing.make_ahead(live.iter().flat_map(LiveFunction::provisioned));
        let table = Table::build(&routing.0.addresses, live);
        routing.0.table.store(Arc::new(table));
        Ok(routing)
    }

    /// A new id for an invocation, also of one that will find no route.
    #[must_use]
    pub fn next_invocation(&self) -> InvocationId {
        self.0.ids.next()
    }

    /// Finds the version that answers a request to `host` (a port is ignored) for `path` (without its query).
    ///
    /// Reads no database, but for a preview of a version that is not live and was not called for some time.
    pub async fn resolve(&self, host: &str, method: &Method, path: &str, headers: &HeaderMap) -> Resolution {
        let host = plain(host);
        if let Some(found) = self.route(&host, method, path, headers) {
            return found;
        }
        // Large and rare: without a box every request's future would have its size, and is moved at that.
        match Box::pin(self.preview_at(&host)).await {
            Ok(Some(runnable)) => Resolution::Found(Target::of(runnable)),
            Ok(None) => Resolution::NoRoute,
            Err(message) => Resolution::Unavailable { message },
        }
    }

    /// Looks into the table; `None` if it has no such host.
    fn route(&self, host: &str, method: &Method, path: &str, headers: &HeaderMap) -> Option<Resolution> {
        let table = self.0.table.load();
        let Some(router) = table.host(host) else { return table.has_host(host).then_some(Resolution::NoRoute) };
        Some(match router.find(method.as_str(), path) {
            Search::Nothing => Resolution::NoRoute,
            Search::OtherMethods(methods) => {
                Resolution::MethodNotAllowed(methods.into_iter().map(str::to_owned).collect())
            }
            Search::Found(found) => {
                let route: &Arc<Route> = found.target;
                let runnable = route.function.choose(headers, &self.0.draw)?;
                let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
                Resolution::Found(Target {
                    parameters: found.parameters.into_iter().map(owned).collect(),
                    route: Some(Arc::clone(route)),
                    runnable: Arc::clone(runnable),
                })
            }
        })
    }

    /// The version of a live function that answers a request without a route.
    pub(crate) fn choose(&self, function: &LiveFunction, headers: &HeaderMap) -> Option<Arc<Runnable>> {
        function.choose(headers, &self.0.draw).cloned()
    }

    /// A live function as the data plane needs it, from what the store knows.
    pub(crate) fn live_function(&self, live: store::LiveFunction) -> LiveFunction {
        let store::LiveFunction { project_id, project, function, deployment, versions } = live;
        let home = self.0.homes.of((project_id, &project), (deployment.function_id, &function));
        let versions: Vec<_> = versions.into_iter().map(|version| self.runnable(&home, version)).collect();
        let provisioned = versions.iter().filter(|runnable| runnable.is_provisioned());
        LiveFunction {
            _pins: provisioned.map(|runnable| Pin::new(Arc::clone(runnable))).collect(),
            versions,
            split: deployment.spec.split,
            split_key: deployment.spec.split_key,
            triggers: deployment.spec.triggers,
            secrets: deployment.spec.secrets,
            home,
        }
    }

    /// Has the instances of `provisioned` versions made, by tasks of their own.
    pub(super) fn make_ahead(&self, provisioned: impl IntoIterator<Item = Arc<Runnable>>) {
        for runnable in provisioned {
            let pin = Pin::new(runnable);
            tokio::spawn(async move {
                if let Err(error) = pin.load().await {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "a version's instances are not made before its next call");
                }
            });
        }
    }

    /// A version as the data plane needs it; the same one for all who ask while anyone holds it.
    pub(super) fn runnable(&self, home: &Arc<super::home::Home>, version: store::ServedVersion) -> Arc<Runnable> {
        let Plane { artifacts, hosts, loaded, metrics, .. } = &*self.0;
        self.0.runnables.get(version.id, || {
            let host = hosts.of(home);
            Runnable::new(Arc::clone(home), version, artifacts.clone(), host, Arc::clone(loaded), metrics)
        })
    }

    /// The home of a function.
    pub(super) fn homes(&self) -> &Homes {
        &self.0.homes
    }
}

/// A host in lower case and without its port and the root's dot.
pub(super) fn plain(host: &str) -> Cow<'_, str> {
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(host.to_ascii_lowercase())
    } else {
        Cow::Borrowed(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_lose_port_capitals_and_the_roots_dot() {
        for (host, expected) in [
            ("demo.localhost:8080", "demo.localhost"),
            ("Demo.LOCALHOST", "demo.localhost"),
            ("demo.localhost.", "demo.localhost"),
            ("[::1]:80", "[::1]"),
            ("[::1]", "[::1]"),
        ] {
            assert_eq!(plain(host), expected);
        }
    }
}

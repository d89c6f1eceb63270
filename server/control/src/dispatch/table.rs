//! The table that requests are routed by: immutable, replaced as a whole.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use domain::{
    FunctionName, ProjectName, Router, SecretName, Split, SplitKey, Trigger, VersionNumber, WebSocketTrigger,
    rollout::sticky_point,
};
use http::{HeaderMap, header::COOKIE};

use super::{
    draw::Draw,
    home::Home,
    runnable::{Pin, Runnable},
};
use crate::Addresses;

/// The live functions of all projects, by host and path. A copy shares all that did not change.
#[derive(Clone, Default)]
pub(super) struct Table {
    hosts: HashMap<String, Arc<Router<Arc<Route>>>>,
    /// Routes of WebSockets, which may have the patterns of others.
    sockets: HashMap<String, Arc<Router<Arc<SocketRoute>>>>,
    projects: HashMap<ProjectName, HashMap<FunctionName, Arc<LiveFunction>>>,
}

/// One pattern of a live function.
pub(super) struct Route {
    pub(super) function: Arc<LiveFunction>,
    pub(super) pattern: String,
}

/// One pattern of a live function's WebSockets.
pub(super) struct SocketRoute {
    pub(super) function: Arc<LiveFunction>,
    pub(super) trigger: Arc<WebSocketTrigger>,
}

/// A function with what its live deployment decides.
pub(crate) struct LiveFunction {
    pub(crate) home: Arc<Home>,
    pub(crate) split: Split,
    pub(crate) split_key: Option<SplitKey>,
    pub(crate) triggers: Vec<Trigger>,
    /// Which version of each secret its guests read.
    pub(crate) secrets: BTreeMap<SecretName, u32>,
    /// In the order of the split.
    pub(crate) versions: Vec<Arc<Runnable>>,
    /// Those versions whose instances are made ahead for as long as they are live.
    pub(super) _pins: Vec<Pin>,
}

impl Table {
    /// The routes of a host.
    pub(super) fn host(&self, host: &str) -> Option<&Router<Arc<Route>>> {
        self.hosts.get(host).map(Arc::as_ref)
    }

    /// The routes of WebSockets of a host.
    pub(super) fn sockets(&self, host: &str) -> Option<&Router<Arc<SocketRoute>>> {
        self.sockets.get(host).map(Arc::as_ref)
    }

    /// Whether a live function has a route of either kind there.
    pub(super) fn has_host(&self, host: &str) -> bool {
        self.hosts.contains_key(host) || self.sockets.contains_key(host)
    }

    /// A live function.
    pub(super) fn function(&self, project: &ProjectName, function: &FunctionName) -> Option<&Arc<LiveFunction>> {
        self.projects.get(project)?.get(function)
    }

    /// All live functions.
    pub(super) fn functions(&self) -> impl Iterator<Item = &Arc<LiveFunction>> {
        self.projects.values().flat_map(HashMap::values)
    }

    /// Puts `function` in the place of what was live of it before.
    pub(super) fn insert(&mut self, addresses: &Addresses, function: LiveFunction) {
        let home = Arc::clone(&function.home);
        self.change(addresses, &home.project.name, |functions| {
            functions.insert(home.name.clone(), Arc::new(function));
        });
    }

    /// Takes a function out.
    pub(super) fn remove(&mut self, addresses: &Addresses, project: &ProjectName, function: &FunctionName) {
        self.change(addresses, project, |functions| {
            functions.remove(function);
        });
    }

    /// Puts many functions into an empty table.
    pub(super) fn build(addresses: &Addresses, functions: impl IntoIterator<Item = LiveFunction>) -> Self {
        let mut projects: HashMap<ProjectName, HashMap<_, _>> = HashMap::new();
        for function in functions {
            let of_project = projects.entry(function.home.project.name.clone()).or_default();
            of_project.insert(function.home.name.clone(), Arc::new(function));
        }
        let (mut hosts, mut sockets) = (HashMap::new(), HashMap::new());
        for (project, functions) in &projects {
            let (requests, upgrades) = routers(addresses, project, functions);
            hosts.extend(requests);
            sockets.extend(upgrades);
        }
        Self { hosts, sockets, projects }
    }

    fn change(
        &mut self,
        addresses: &Addresses,
        project: &ProjectName,
        change: impl FnOnce(&mut HashMap<FunctionName, Arc<LiveFunction>>),
    ) {
        let functions = self.projects.entry(project.clone()).or_default();
        let (requests, upgrades) = routers(addresses, project, functions);
        requests.keys().for_each(|host| drop(self.hosts.remove(host)));
        upgrades.keys().for_each(|host| drop(self.sockets.remove(host)));
        change(functions);
        let (requests, upgrades) = routers(addresses, project, functions);
        self.hosts.extend(requests);
        self.sockets.extend(upgrades);
        if functions.is_empty() {
            self.projects.remove(project);
        }
    }
}

/// Routers by host.
type Routers<T> = HashMap<String, Arc<Router<Arc<T>>>>;

/// The routers of one project, of requests and of WebSockets: its own host, and the hosts that its triggers name.
fn routers(
    addresses: &Addresses,
    project: &ProjectName,
    functions: &HashMap<FunctionName, Arc<LiveFunction>>,
) -> (Routers<Route>, Routers<SocketRoute>) {
    let mut requests: HashMap<String, Router<Arc<Route>>> = HashMap::new();
    let mut sockets: HashMap<String, Router<Arc<SocketRoute>>> = HashMap::new();
    let host = |named: &Option<String>| named.clone().unwrap_or_else(|| addresses.project_host(project));
    for function in functions.values() {
        let name = &function.home.name;
        for trigger in &function.triggers {
            let conflict = match trigger {
                Trigger::Http(http) => {
                    let pattern = http.path.as_str().to_owned();
                    let route = Arc::new(Route { function: Arc::clone(function), pattern });
                    let router = requests.entry(host(&http.host)).or_default();
                    let placed = router.insert(http.path.clone(), http.methods.clone(), route);
                    placed.err().map(|there| (&http.path, there.target.function.home.name.clone()))
                }
                Trigger::WebSocket(socket) => {
                    let trigger = Arc::new(socket.clone());
                    let route = Arc::new(SocketRoute { function: Arc::clone(function), trigger });
                    let router = sockets.entry(host(&socket.host)).or_default();
                    let placed = router.insert(socket.path.clone(), Vec::new(), route);
                    placed.err().map(|there| (&socket.path, there.target.function.home.name.clone()))
                }
                Trigger::Queue(_) | Trigger::Cron(_) => None,
            };
            if let Some((path, other)) = conflict {
                // Deploying checks for this, so only a changed rule or a damaged row can bring it about.
                tracing::error!(%project, function = %name, %other, %path, "two routes conflict; one is left out");
            }
        }
    }
    (shared(requests), shared(sockets))
}

fn shared<T>(routers: HashMap<String, Router<Arc<T>>>) -> Routers<T> {
    routers.into_iter().map(|(host, router)| (host, Arc::new(router))).collect()
}

impl LiveFunction {
    /// The version that answers a request with `headers`.
    pub(super) fn choose(&self, headers: &HeaderMap, draw: &Draw) -> Option<&Arc<Runnable>> {
        if let [only] = self.versions.as_slice() {
            return Some(only);
        }
        let key = self.split_key.as_ref().and_then(|key| sticky_value(key, headers));
        let point = match key {
            Some(key) => sticky_point(&self.home.id.to_string(), key),
            None => draw.point(),
        };
        self.versions.get(self.split.index_at(point))
    }

    /// The version for an event: the same for all events of one `key`, drawn anew for those without.
    pub(super) fn choose_for(&self, key: Option<&[u8]>, draw: &Draw) -> Option<&Arc<Runnable>> {
        let point = match key {
            Some(key) => sticky_point(&self.home.id.to_string(), key),
            None => draw.point(),
        };
        self.versions.get(self.split.index_at(point))
    }

    /// The versions whose instances are made ahead.
    pub(super) fn provisioned(&self) -> Vec<Arc<Runnable>> {
        self.versions.iter().filter(|runnable| runnable.is_provisioned()).cloned().collect()
    }

    /// One of the versions, by its number.
    pub(super) fn version(&self, number: VersionNumber) -> Option<&Arc<Runnable>> {
        self.versions.iter().find(|runnable| runnable.number == number)
    }
}

/// The value that keeps a caller on one version, if the request carries it.
fn sticky_value<'h>(key: &SplitKey, headers: &'h HeaderMap) -> Option<&'h [u8]> {
    let value = match key {
        SplitKey::Header(name) => headers.get(name)?.as_bytes(),
        SplitKey::Cookie(name) => headers
            .get_all(COOKIE)
            .iter()
            .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
            .find_map(|pair| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="))?,
    };
    Some(value).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sticky_value_is_read_from_header_and_cookie() {
        let mut headers = HeaderMap::new();
        headers.insert("x-user", "ada".parse().unwrap());
        headers.append(COOKIE, "a=1; session=s1; session2=x".parse().unwrap());
        headers.append(COOKIE, "user=bob".parse().unwrap());
        let value = |key| sticky_value(&key, &headers).map(|value| String::from_utf8_lossy(value).into_owned());
        assert_eq!(value(SplitKey::Header("X-User".to_owned())).as_deref(), Some("ada"));
        assert_eq!(value(SplitKey::Cookie("session".to_owned())).as_deref(), Some("s1"));
        assert_eq!(value(SplitKey::Cookie("user".to_owned())).as_deref(), Some("bob"));
        assert_eq!(value(SplitKey::Cookie("sess".to_owned())), None);
    }
}

//! All open connections of this server.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::{Bound, Deref},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use domain::{
    FunctionName, GroupName, Ids, Invalid,
    connection::MAX_GROUPS,
    id::{ConnectionId, FunctionId, ProjectId},
};
use tokio::task::yield_now;

use super::{
    Closing, Connection, Content, NewConnection, Unreachable,
    group::{Groups, read, write},
    history::{self, Counts, History},
    watch::Watchers,
};

/// How many connections are woken to send a message of their group before all that has come meanwhile has its turn: a
/// large group would else hold up whoever is not in it for as long as sending to all of it takes.
const TURN: usize = 32;

/// All open connections of this server. A cheap handle.
#[derive(Clone, Debug)]
pub struct Connections(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    open: RwLock<Open>,
    groups: Groups,
    history: Mutex<History>,
    ids: Ids,
    most: usize,
    most_of_project: usize,
}

#[derive(Debug, Default)]
struct Open {
    by_id: BTreeMap<(ProjectId, ConnectionId), Arc<Connection>>,
    of_project: HashMap<ProjectId, usize>,
}

/// A connection for as long as its socket is held: dropped, it is gone and in no group.
#[derive(Debug)]
pub struct Opened {
    connection: Arc<Connection>,
    connections: Connections,
}

/// Why a connection is not opened: so many are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    /// How many may be open.
    pub most: usize,
    /// Whether that is the bound of the project, not of the server.
    pub of_project: bool,
}

impl Connections {
    /// None is open; at most `most` are at once, of which one project has at most `most_of_project`.
    pub(crate) fn new(ids: Ids, most: usize, most_of_project: usize) -> Self {
        let (open, groups, history) = (RwLock::default(), Groups::default(), Mutex::default());
        Self(Arc::new(Inner { open, groups, history, ids, most, most_of_project }))
    }

    /// The clock and the ids that connections are made with.
    #[must_use]
    pub fn ids(&self) -> &Ids {
        &self.0.ids
    }

    /// Opens a connection: from now on it can be found, sent to and put into groups.
    ///
    /// # Errors
    ///
    /// [`Full`].
    pub fn open(&self, about: NewConnection) -> Result<Opened, Full> {
        let (id, now) = (self.0.ids.next(), self.0.ids.now());
        let project = about.project;
        let connection = Arc::new(Connection::new(id, about, now));
        let mut open = write(&self.0.open);
        if open.by_id.len() >= self.0.most {
            return Err(Full { most: self.0.most, of_project: false });
        }
        let of_project = open.of_project.entry(project).or_default();
        if *of_project >= self.0.most_of_project {
            return Err(Full { most: self.0.most_of_project, of_project: true });
        }
        *of_project += 1;
        open.by_id.insert((project, id), Arc::clone(&connection));
        drop(open);
        Ok(Opened { connection, connections: self.clone() })
    }

    /// An open connection of `project`.
    #[must_use]
    pub fn find(&self, project: ProjectId, id: ConnectionId) -> Option<Arc<Connection>> {
        read(&self.0.open).by_id.get(&(project, id)).cloned()
    }

    /// How many connections are open.
    #[must_use]
    pub fn len(&self) -> usize {
        read(&self.0.open).by_id.len()
    }

    /// Whether none is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// At most `limit` open connections of `project` that `wanted` takes, from the newest or behind `before`; and whether
    /// there are more.
    pub(crate) fn list(
        &self,
        project: ProjectId,
        before: Option<ConnectionId>,
        limit: usize,
        wanted: impl Fn(&Connection) -> bool,
    ) -> (Vec<Arc<Connection>>, bool) {
        let (first, last) = ends();
        let last = before.map_or(Bound::Included((project, last)), |id| Bound::Excluded((project, id)));
        let open = read(&self.0.open);
        let newest = open.by_id.range((Bound::Included((project, first)), last)).rev();
        let mut found = newest.map(|(_, connection)| connection).filter(|connection| wanted(connection));
        let items = found.by_ref().take(limit).cloned().collect();
        (items, found.next().is_some())
    }

    /// Visits all open connections of `project`.
    pub(crate) fn each(&self, project: ProjectId, mut visit: impl FnMut(&Connection)) {
        let (first, last) = ends();
        let open = read(&self.0.open);
        open.by_id.range((project, first)..=(project, last)).for_each(|(_, found)| visit(found));
    }

    /// How many connections `project` has, or all projects have, by function and version.
    pub(super) fn count_versions(&self, project: Option<ProjectId>) -> Counts {
        let (first, last) = ends();
        let open = read(&self.0.open);
        match project {
            Some(project) => {
                history::count(open.by_id.range((project, first)..=(project, last)).map(|(_, found)| &**found))
            }
            None => history::count(open.by_id.values().map(|found| &**found)),
        }
    }

    /// What was counted within the last hour.
    pub(super) fn history(&self) -> MutexGuard<'_, History> {
        self.0.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes `connection` a member of `group`.
    ///
    /// # Errors
    ///
    /// [`Unreachable::Gone`]; the inner error where it is in too many groups.
    pub fn join(&self, connection: &Arc<Connection>, group: GroupName) -> Result<Result<(), Invalid>, Unreachable> {
        let mut memberships = connection.memberships();
        if memberships.gone {
            return Err(Unreachable::Gone);
        }
        if memberships.groups.contains(&group) {
            return Ok(Ok(()));
        }
        if memberships.groups.len() >= MAX_GROUPS {
            let message = format!("is one too many: the connection is in {MAX_GROUPS}; leave one first");
            return Ok(Err(Invalid::new("group", message)));
        }
        // While the memberships are held the connection cannot go.
        self.0.groups.join(&group, connection);
        memberships.groups.insert(group);
        Ok(Ok(()))
    }

    /// Ends a membership; there may have been none.
    pub fn leave(&self, connection: &Connection, group: &GroupName) {
        let mut memberships = connection.memberships();
        if memberships.groups.remove(group) {
            self.0.groups.leave(connection.about.project, group, connection.id);
        }
    }

    /// Sends a message to those that are members of a group now and that `reached` takes; gives to how many. Dropped
    /// before the end, it has sent to some of them.
    pub async fn publish(
        &self,
        project: ProjectId,
        group: &GroupName,
        content: &Content,
        reached: impl Fn(&Connection) -> bool,
    ) -> u32 {
        let members = self.0.groups.members(project, group);
        let mut count = 0;
        for (at, some) in members.chunks(TURN).enumerate() {
            if at > 0 {
                yield_now().await;
            }
            let sent = some.iter().filter(|member| reached(member) && member.send(content.clone()).is_ok()).count();
            count += u32::try_from(sent).unwrap_or(u32::MAX);
        }
        count
    }

    /// How many members of a group `counted` takes.
    pub fn count(&self, project: ProjectId, group: &GroupName, counted: impl Fn(&Connection) -> bool) -> u32 {
        self.0.groups.count(project, group, counted)
    }

    /// Has all connections of a function closed.
    pub(crate) fn close_function(&self, project: ProjectId, function: FunctionId, closing: &Closing) {
        self.each(project, |connection| {
            if connection.about.function.0 == function {
                // One that is gone meanwhile needs no closing.
                let _ = connection.close(closing.clone());
            }
        });
    }

    /// Has all connections closed, each with what `closing` gives for it.
    pub fn close_all(&self, mut closing: impl FnMut(&Connection) -> Closing) {
        for connection in read(&self.0.open).by_id.values() {
            let _ = connection.close(closing(connection));
        }
    }
}

/// The least and the greatest id that a connection can have.
fn ends() -> (ConnectionId, ConnectionId) {
    /// A time of such an id has 48 bits (RFC 9562, section 5.7).
    const LAST_MILLIS: u64 = (1 << 48) - 1;
    (ConnectionId::from_parts(0, [0; 10]), ConnectionId::from_parts(LAST_MILLIS, [u8::MAX; 10]))
}

impl Connection {
    /// Whether it belongs to `function`, or to one of `others` by name.
    #[must_use]
    pub fn is_within(&self, function: FunctionId, others: &BTreeSet<FunctionName>) -> bool {
        self.about.function.0 == function || others.contains(&self.about.function.1)
    }
}

impl Opened {
    /// The connection, for those who share it.
    #[must_use]
    pub fn share(&self) -> Arc<Connection> {
        Arc::clone(&self.connection)
    }
}

impl Deref for Opened {
    type Target = Arc<Connection>;

    fn deref(&self) -> &Arc<Connection> {
        &self.connection
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let Self { connection, connections } = self;
        let project = connection.about.project;
        {
            let mut state = connection.state();
            state.gone = true;
            state.watchers = Watchers::default();
        }
        {
            let mut memberships = connection.memberships();
            memberships.gone = true;
            for group in std::mem::take(&mut memberships.groups) {
                connections.0.groups.leave(project, &group, connection.id);
            }
        }
        let mut open = write(&connections.0.open);
        open.by_id.remove(&(project, connection.id));
        if let Some(count) = open.of_project.get_mut(&project) {
            *count -= 1;
            if *count == 0 {
                open.of_project.remove(&project);
            }
        }
    }
}

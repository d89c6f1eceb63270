//! Groups of connections.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use domain::{
    GroupName,
    id::{ConnectionId, ProjectId},
};

use super::Connection;

/// The members of one group.
type Members = HashMap<ConnectionId, Arc<Connection>>;

/// A group that has members.
type Group = Arc<RwLock<Members>>;

/// All groups that have members.
#[derive(Debug, Default)]
pub(super) struct Groups(RwLock<HashMap<(ProjectId, GroupName), Group>>);

impl Groups {
    /// Adds a member. The caller holds the connection's memberships, so that no two of them change at once.
    pub(super) fn join(&self, group: &GroupName, connection: &Arc<Connection>) {
        let key = (connection.about.project, group.clone());
        let mut groups = write(&self.0);
        let members = groups.entry(key).or_default();
        write(members).insert(connection.id, Arc::clone(connection));
    }

    /// Takes a member out, and the group with its last one.
    pub(super) fn leave(&self, project: ProjectId, group: &GroupName, connection: ConnectionId) {
        let mut groups = write(&self.0);
        let Entry::Occupied(members) = groups.entry((project, group.clone())) else { return };
        let is_empty = {
            let mut left = write(members.get());
            left.remove(&connection);
            left.is_empty()
        };
        if is_empty {
            members.remove();
        }
    }

    /// The members of a group, in no order.
    pub(super) fn members(&self, project: ProjectId, group: &GroupName) -> Vec<Arc<Connection>> {
        self.find(project, group).map(|members| read(&members).values().cloned().collect()).unwrap_or_default()
    }

    /// How many members of a group `counted` takes.
    pub(super) fn count(
        &self,
        project: ProjectId,
        group: &GroupName,
        mut counted: impl FnMut(&Connection) -> bool,
    ) -> u32 {
        let Some(members) = self.find(project, group) else { return 0 };
        let count = read(&members).values().filter(|connection| counted(connection)).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// A group that has members, to look through without holding up other groups.
    fn find(&self, project: ProjectId, group: &GroupName) -> Option<Group> {
        read(&self.0).get(&(project, group.clone())).cloned()
    }
}

pub(super) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

//! Connections as people see them, and what they may do with them.

use std::sync::Arc;

use domain::{Action, FunctionName, GroupName, ProjectName, VersionNumber, connection::check_close, id::ConnectionId};

use tokio::sync::broadcast;

use super::{CloseCause, Closing, Connection, ConnectionHistory, Content, Passed, Unreachable};
use crate::{Caller, Control, Error, Page, PageQuery};

/// Which connections are asked for; what is absent asks for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionFilter {
    /// Those of this function.
    pub function: Option<FunctionName>,
    /// Those whose messages this version handles.
    pub version: Option<VersionNumber>,
    /// The members of this group.
    pub group: Option<GroupName>,
}

/// How many connections a version of a function has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionCount {
    /// The function.
    pub function: FunctionName,
    /// The version.
    pub version: VersionNumber,
    /// How many are open.
    pub open: u64,
}

impl ConnectionFilter {
    fn takes(&self, connection: &Connection) -> bool {
        self.function.as_ref().is_none_or(|function| connection.about.function.1 == *function)
            && self.version.is_none_or(|version| connection.version() == version)
            && self.group.as_ref().is_none_or(|group| connection.is_member(group))
    }
}

impl Control {
    /// The open connections of `project`, newest first.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] for the cursor.
    pub fn list_connections(
        &self,
        caller: &Caller,
        project: &ProjectName,
        filter: &ConnectionFilter,
        query: &PageQuery,
    ) -> Result<Page<Arc<Connection>>, Error> {
        let project = caller.require(project, Action::ConnectionRead)?.project;
        let limit = query.limit() as usize;
        let wanted = |connection: &Connection| filter.takes(connection);
        let (items, has_more) = self.0.connections.list(project, query.after()?, limit, wanted);
        let last = items.last().filter(|_| has_more);
        Ok(Page { next_cursor: last.map(|connection| connection.id.to_string()), items })
    }

    /// How many connections each version of each function has, by function and version.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub fn count_connections(&self, caller: &Caller, project: &ProjectName) -> Result<Vec<ConnectionCount>, Error> {
        let project = caller.require(project, Action::ConnectionRead)?.project;
        let counts = self.0.connections.count_versions(Some(project)).into_iter();
        let counts =
            counts.map(|((_, function, version), open)| ConnectionCount { function, version, open: u64::from(open) });
        Ok(counts.collect())
    }

    /// How many connections the versions of the project's functions, or of `function`, had within the last hour.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub fn connection_history(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: Option<&FunctionName>,
    ) -> Result<ConnectionHistory, Error> {
        let project = caller.require(project, Action::ConnectionRead)?.project;
        Ok(self.0.connections.history_of(project, function))
    }

    /// An open connection.
    ///
    /// # Errors
    ///
    /// [`Error::Gone`] if it is closed or never was; [`Error::NotFound`], [`Error::Forbidden`].
    pub fn find_connection(
        &self,
        caller: &Caller,
        project: &ProjectName,
        id: ConnectionId,
    ) -> Result<Arc<Connection>, Error> {
        self.connection_for(caller, project, id, Action::ConnectionRead)
    }

    /// What passes over a connection from now on.
    ///
    /// # Errors
    ///
    /// As [`Self::find_connection`].
    pub fn watch_connection(
        &self,
        caller: &Caller,
        project: &ProjectName,
        id: ConnectionId,
    ) -> Result<broadcast::Receiver<Passed>, Error> {
        let connection = self.connection_for(caller, project, id, Action::ConnectionRead)?;
        connection.watch().map_err(|why| unreachable(why, id))
    }

    /// Sends a message to a connection.
    ///
    /// # Errors
    ///
    /// As [`Self::find_connection`]; [`Error::Invalid`] for a message that is too large; [`Error::Conflict`]
    /// `connection-too-slow` where the client does not read.
    pub fn send_to_connection(
        &self,
        caller: &Caller,
        project: &ProjectName,
        id: ConnectionId,
        content: Content,
    ) -> Result<(), Error> {
        let connection = self.connection_for(caller, project, id, Action::ConnectionOperate)?;
        connection.send(content).map_err(|why| unreachable(why, id))
    }

    /// Closes a connection with 1000 or 3000 to 4999, after what was sent to it.
    ///
    /// # Errors
    ///
    /// As [`Self::find_connection`]; [`Error::Invalid`] for the code or the reason.
    pub fn close_connection(
        &self,
        caller: &Caller,
        project: &ProjectName,
        id: ConnectionId,
        (code, reason): (u16, String),
    ) -> Result<(), Error> {
        let connection = self.connection_for(caller, project, id, Action::ConnectionOperate)?;
        check_close(code, &reason)?;
        connection.close(Closing { code, reason, cause: CloseCause::Api }).map_err(|why| unreachable(why, id))
    }

    /// Sends a message to all members of a group; says to how many.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn publish_to_group(
        &self,
        caller: &Caller,
        project: &ProjectName,
        group: &GroupName,
        content: &Content,
    ) -> Result<u32, Error> {
        let project = caller.require(project, Action::ConnectionOperate)?.project;
        Ok(self.0.connections.publish(project, group, content, |_| true).await)
    }

    /// How many members a group has.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub fn count_group(&self, caller: &Caller, project: &ProjectName, group: &GroupName) -> Result<u32, Error> {
        let project = caller.require(project, Action::ConnectionRead)?.project;
        Ok(self.0.connections.count(project, group, |_| true))
    }

    fn connection_for(
        &self,
        caller: &Caller,
        project: &ProjectName,
        id: ConnectionId,
        action: Action,
    ) -> Result<Arc<Connection>, Error> {
        let project = caller.require(project, action)?.project;
        self.0.connections.find(project, id).ok_or_else(|| unreachable(Unreachable::Gone, id))
    }
}

fn unreachable(why: Unreachable, id: ConnectionId) -> Error {
    match why {
        Unreachable::Gone => Error::Gone { what: format!("connection {id}") },
        Unreachable::TooLarge => Error::invalid("body", "is larger than may be sent to the connection"),
        Unreachable::TooSlow => {
            let detail = format!("the client of {id} does not read what is sent to it; the connection is being closed");
            Error::conflict("connection-too-slow", detail)
        }
    }
}

//! Changing the table, in the order in which the store changes.

use std::sync::Arc;

use domain::{
    Ceiling, FunctionName, ProjectName, VersionNumber,
    id::{FunctionId, ProjectId},
};
use tokio::sync::OwnedMutexGuard;

use super::{LiveFunction, Pin, Routing, table::Table};
use crate::Error;

/// The right to change the table. Whoever holds it commits to the store first, and then publishes.
pub(crate) struct Publishing {
    routing: Routing,
    _turn: OwnedMutexGuard<()>,
}

impl Routing {
    /// Waits for the right to change the table.
    pub(crate) async fn publishing(&self) -> Publishing {
        let turn = Arc::clone(&self.0.publishing).lock_owned().await;
        Publishing { routing: self.clone(), _turn: turn }
    }

    /// A live function, as the table has it.
    pub(crate) fn find_live(&self, project: &ProjectName, function: &FunctionName) -> Option<Arc<LiveFunction>> {
        self.0.table.load().function(project, function).cloned()
    }

    /// Loads the functions of versions that are about to be deployed, with the instances that they have made
    /// ahead. What is returned keeps them loaded.
    pub(crate) async fn load(
        &self,
        project: &ProjectName,
        function: &FunctionName,
        versions: Vec<VersionNumber>,
    ) -> Result<Vec<Pin>, Error> {
        let mut loaded = Vec::new();
        for number in versions {
            let found = self.preview(project.clone(), function.clone(), number).await?;
            let runnable = found.ok_or_else(|| Error::not_found(format!("version {number} of {function}")))?;
            let pin = Pin::new(runnable);
            pin.load().await?;
            loaded.push(pin);
        }
        Ok(loaded)
    }

    /// Forgets a version that was deleted.
    pub(crate) async fn forget_version(&self, project: &ProjectName, function: &FunctionName, version: VersionNumber) {
        self.0.previews.forget(project, function, version).await;
    }
}

impl Publishing {
    /// Makes what was committed live for every request from now on.
    pub(crate) fn publish(&self, live: store::LiveFunction) {
        let live = self.routing.live_function(live);
        let provisioned = live.provisioned();
        self.change(|table| table.insert(&self.routing.0.addresses, live));
        self.routing.make_ahead(provisioned);
    }

    /// Takes a function out that was deleted.
    pub(crate) async fn withdraw(&self, project: &ProjectName, name: &FunctionName, id: FunctionId) {
        self.change(|table| table.remove(&self.routing.0.addresses, project, name));
        self.routing.0.previews.forget_function(id).await;
    }

    /// Lets a project run as much at once as its `ceiling` says.
    pub(crate) fn set_concurrency(&self, project: ProjectId, ceiling: &Ceiling) {
        self.routing.homes().set_concurrency(project, ceiling);
    }

    /// Takes up what is live of a function that this server may not know.
    pub(crate) async fn adopt(&self, id: FunctionId) -> Result<(), store::Error> {
        if let Some(live) = self.routing.0.store.read().await?.find_live_function(id).await? {
            self.publish(live);
        }
        Ok(())
    }

    /// Brings the table in line with the store after a commit whose end is not known.
    pub(crate) async fn repair(&self, project: &ProjectName, name: &FunctionName, id: FunctionId) {
        let found: Result<_, store::Error> =
            async { self.routing.0.store.read().await?.find_live_function(id).await }.await;
        match found {
            Ok(Some(live)) => self.publish(live),
            Ok(None) => self.change(|table| table.remove(&self.routing.0.addresses, project, name)),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, function.id = %id, "the table may differ from the store")
            }
        }
    }

    fn change(&self, change: impl FnOnce(&mut Table)) {
        let mut table = Table::clone(&self.routing.0.table.load());
        change(&mut table);
        self.routing.0.table.store(Arc::new(table));
        self.routing.0.changes.send_replace(());
    }
}

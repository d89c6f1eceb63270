//! Versions that are tried under a host of their own, live or not.

use std::{sync::Arc, time::Duration};

use domain::{FunctionName, ProjectName, VersionNumber, id::FunctionId};
use moka::future::Cache;

use super::{Routing, Runnable};
use crate::{Error, addresses::Host};

type Name = (ProjectName, FunctionName, VersionNumber);

/// The versions that were called on their preview hosts lately, so that a second call reads no database.
pub(super) struct Previews(Cache<Name, Arc<Runnable>>);

impl Default for Previews {
    fn default() -> Self {
        const MOST: u64 = 256;
        // A version that was deleted while it was looked up is forgotten at the latest after this.
        const FRESH: Duration = Duration::from_secs(60);
        Self(Cache::builder().max_capacity(MOST).time_to_live(FRESH).build())
    }
}

impl Previews {
    /// Forgets a version.
    pub(super) async fn forget(&self, project: &ProjectName, function: &FunctionName, version: VersionNumber) {
        self.0.invalidate(&(project.clone(), function.clone(), version)).await;
    }

    /// Forgets all versions of a function.
    pub(super) async fn forget_function(&self, function: FunctionId) {
        for (name, runnable) in &self.0 {
            if runnable.home.id == function {
                self.0.invalidate(&*name).await;
            }
        }
    }
}

impl Routing {
    /// The version whose preview host `host` is, if it is ready; else why that cannot be told now, for callers.
    pub(super) async fn preview_at(&self, host: &str) -> Result<Option<Arc<Runnable>>, String> {
        let Some(Host::Preview(project, function, number)) = self.0.addresses.read(host) else { return Ok(None) };
        self.preview(project, function, number).await.map_err(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, %host, "a preview could not be looked up");
            "the version cannot be looked up now; try again".to_owned()
        })
    }

    /// A version by its names, if it is ready: a live one from the table, another from the store.
    pub(crate) async fn preview(
        &self,
        project: ProjectName,
        function: FunctionName,
        number: VersionNumber,
    ) -> Result<Option<Arc<Runnable>>, Error> {
        let live = self.0.table.load().function(&project, &function).and_then(|live| live.version(number)).cloned();
        if live.is_some() {
            return Ok(live);
        }
        let name = (project, function, number);
        if let Some(known) = self.0.previews.0.get(&name).await {
            return Ok(Some(known));
        }
        let found = self.0.store.read().await?.find_preview(&name.0, &name.1, number).await?;
        let Some(store::Preview { project_id, function_id, version }) = found else { return Ok(None) };
        let home = self.homes().of((project_id, &name.0), (function_id, &name.1));
        let runnable = self.runnable(&home, version);
        self.0.previews.0.insert(name, Arc::clone(&runnable)).await;
        Ok(Some(runnable))
    }
}

//! Event sources other than HTTP: the live triggers of a kind, and the version for each of their events.

use std::sync::Arc;

use domain::{
    CronTrigger, FunctionName, ProjectName, QueueTrigger, Trigger,
    id::{FunctionId, ProjectId},
};
use tokio::sync::watch;

use super::{LiveFunction, Routing, Target};

/// A live trigger with its function, as it was when it was looked up.
#[derive(Clone)]
pub struct Source<T> {
    live: Arc<LiveFunction>,
    trigger: T,
}

impl<T> Source<T> {
    /// The trigger.
    #[must_use]
    pub const fn trigger(&self) -> &T {
        &self.trigger
    }

    /// The project.
    #[must_use]
    pub fn project(&self) -> (ProjectId, &ProjectName) {
        (self.live.home.project.id, &self.live.home.project.name)
    }

    /// The function.
    #[must_use]
    pub fn function(&self) -> (FunctionId, &FunctionName) {
        (self.live.home.id, &self.live.home.name)
    }
}

impl Routing {
    /// Tells of every change of what is live.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<()> {
        self.0.changes.subscribe()
    }

    /// All live triggers on queues.
    #[must_use]
    pub fn queue_sources(&self) -> Vec<Source<QueueTrigger>> {
        self.sources(|trigger| trigger.as_queue().cloned())
    }

    /// All live schedules.
    #[must_use]
    pub fn cron_sources(&self) -> Vec<Source<CronTrigger>> {
        self.sources(|trigger| trigger.as_cron().cloned())
    }

    fn sources<T>(&self, of_kind: impl Fn(&Trigger) -> Option<T>) -> Vec<Source<T>> {
        let table = self.0.table.load();
        let triggers = table.functions().flat_map(|live| live.triggers.iter().map(move |trigger| (live, trigger)));
        triggers
            .filter_map(|(live, trigger)| Some(Source { live: Arc::clone(live), trigger: of_kind(trigger)? }))
            .collect()
    }

    /// The version for an event of `source`: the same for all events of one `key` while nothing is deployed, drawn
    /// anew for those without.
    #[must_use]
    pub fn target<T>(&self, source: &Source<T>, key: Option<&[u8]>) -> Option<Target> {
        source.live.choose_for(key, &self.0.draw).cloned().map(Target::of)
    }

    /// The live version of a function for a call by name.
    #[must_use]
    pub fn find_target(&self, project: &ProjectName, function: &FunctionName) -> Option<Target> {
        let live = self.find_live(project, function)?;
        live.choose_for(None, &self.0.draw).cloned().map(Target::of)
    }
}

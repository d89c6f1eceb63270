//! The places of the pool, counted before anything is made.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places for instances, shared by all functions. A cheap handle.
#[derive(Clone)]
pub(crate) struct Places {
    all: Arc<Semaphore>,
    /// The places that instances which wait may have.
    waiting: Arc<Semaphore>,
    most: usize,
    /// Places that one instance takes.
    each: u32,
}

impl Places {
    /// `most` places. Half of them at most are for instances that wait, so that functions whose
    /// instances wait leave room for all others.
    pub(crate) fn new(most: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(most)), waiting: Arc::new(Semaphore::new(most / 2)), most, each: 1 }
    }

    /// The same places for instances that take `each` of them, or all where there are fewer.
    pub(crate) fn taken_by(&self, each: u32) -> Self {
        let most = u32::try_from(self.most).unwrap_or(u32::MAX);
        Self { each: each.clamp(1, most.max(1)), ..self.clone() }
    }

    /// The place of one instance, if it is free.
    pub(crate) fn take(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.all).try_acquire_many_owned(self.each).ok()
    }

    /// Leave for one instance to wait.
    pub(super) fn wait(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.waiting).try_acquire_many_owned(self.each).ok()
    }

    /// Places that are taken.
    pub(crate) fn taken(&self) -> usize {
        self.most - self.all.available_permits()
    }
}

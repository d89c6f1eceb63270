//! The places of the pool, counted before anything is made.
//!
//! Nobody waits for a place: there is one, or there is none. So they are counted without a lock.

use std::sync::{
    Arc,
    atomic::{
        AtomicUsize,
        Ordering::{Relaxed, SeqCst},
    },
};

use crate::ticker::Ticker;

/// Places for instances, shared by all functions. A cheap handle.
#[derive(Clone)]
pub(crate) struct Places {
    all: Arc<AtomicUsize>,
    /// The places that instances which wait may have.
    waiting: Arc<AtomicUsize>,
    /// The places of those that wait unasked.
    ahead: Arc<AtomicUsize>,
    /// Ticks while any place is taken.
    ticker: Arc<Ticker>,
    /// The most places that were taken at once, since somebody asked for that.
    peak: Arc<AtomicUsize>,
    most: usize,
    /// Places that one instance takes.
    each: usize,
}

/// The place of one instance, given back when it is dropped.
pub(crate) struct Place {
    free: Arc<AtomicUsize>,
    each: usize,
}

impl Places {
    /// `most` places. Half of them at most are for instances that wait, so that functions whose
    /// instances wait leave room for all others; an eighth, and `ahead`, for those that nobody asked to be kept.
    pub(crate) fn new(most: usize, ahead: usize) -> Self {
        let [all, waiting, ahead] = [most, most / 2, ahead.min(most / 8)].map(|free| Arc::new(AtomicUsize::new(free)));
        Self { all, waiting, ahead, ticker: Arc::default(), peak: Arc::default(), most, each: 1 }
    }

    /// The same places for instances that take `each` of them, or all where there are fewer.
    pub(crate) fn taken_by(&self, each: u32) -> Self {
        Self { each: (each as usize).clamp(1, self.most.max(1)), ..self.clone() }
    }

    /// The place of one instance, if it is free.
    pub(crate) fn take(&self) -> Option<Place> {
        let place = self.of(&self.all);
        let taken = self.taken();
        // Most find what they would write, and leave the line of memory to other processors, too.
        if taken > self.peak.load(Relaxed) {
            self.peak.fetch_max(taken, Relaxed);
        }
        self.ticker.wake();
        place
    }

    /// The most places that were taken at once since this was asked last.
    pub(crate) fn most_lately(&self) -> usize {
        self.peak.swap(self.taken(), Relaxed)
    }

    /// The clock that is to tick while any place is taken.
    pub(crate) const fn ticker(&self) -> &Arc<Ticker> {
        &self.ticker
    }

    /// Leave for one instance to wait.
    pub(super) fn wait(&self) -> Option<Place> {
        self.of(&self.waiting)
    }

    /// Leave for one instance to be there though nobody asked for it: made ahead, or still to be let go of. None where
    /// others may need its place: unless half of them are free.
    pub(super) fn wait_ahead(&self) -> Option<Place> {
        if self.all.load(SeqCst) < self.most.div_ceil(2) {
            return None;
        }
        self.of(&self.ahead)
    }

    fn of(&self, free: &Arc<AtomicUsize>) -> Option<Place> {
        free.fetch_update(SeqCst, SeqCst, |free| free.checked_sub(self.each)).ok()?;
        Some(Place { free: Arc::clone(free), each: self.each })
    }

    /// Places that are taken.
    pub(crate) fn taken(&self) -> usize {
        self.most - self.all.load(SeqCst)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.free.fetch_add(self.each, SeqCst);
    }
}

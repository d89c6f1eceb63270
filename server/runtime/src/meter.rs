//! The CPU time of one invocation: the thread's CPU clock across polls of the guest's future.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};

/// The guest used up its CPU budget.
#[derive(Debug, thiserror::Error)]
#[error("the CPU budget is used up")]
pub(crate) struct CpuExceeded;

/// What has been used of a budget. Only the thread that polls the guest writes it.
#[derive(Debug)]
pub(crate) struct Meter {
    budget_ns: u64,
    /// What earlier polls used.
    spent_ns: AtomicU64,
    /// The thread's clock when the present poll began.
    since_ns: AtomicU64,
}

impl Meter {
    /// A meter for `budget`, with nothing used.
    pub(crate) fn new(budget: Duration) -> Self {
        let budget_ns = u64::try_from(budget.as_nanos()).unwrap_or(u64::MAX);
        Self { budget_ns, spent_ns: AtomicU64::new(0), since_ns: AtomicU64::new(0) }
    }

    /// Runs `poll` and adds what it used.
    pub(crate) fn measure<T>(&self, poll: impl FnOnce() -> T) -> T {
        self.since_ns.store(thread_clock_ns(), Relaxed);
        let result = poll();
        self.spent_ns.store(self.spent_so_far_ns(), Relaxed);
        result
    }

    /// Whether the budget is used up; asked within a poll, by the thread that polls.
    pub(crate) fn is_exceeded(&self) -> bool {
        self.spent_so_far_ns() > self.budget_ns
    }

    /// Whether finished polls used up the budget; asked between polls.
    pub(crate) fn was_exceeded(&self) -> bool {
        self.spent_ns.load(Relaxed) > self.budget_ns
    }

    /// What finished polls used, in microseconds.
    pub(crate) fn spent_us(&self) -> u64 {
        self.spent_ns.load(Relaxed) / 1_000
    }

    fn spent_so_far_ns(&self) -> u64 {
        self.spent_ns.load(Relaxed) + thread_clock_ns().saturating_sub(self.since_ns.load(Relaxed))
    }
}

fn thread_clock_ns() -> u64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    let (seconds, nanos) = (u64::try_from(now.tv_sec).unwrap_or(0), u64::try_from(now.tv_nsec).unwrap_or(0));
    seconds * 1_000_000_000 + nanos
}

//! The CPU time of one invocation: the thread's CPU clock across polls of the guest's future.
//!
//! That clock costs a system call, which a short poll would spend a good part of its time on. A poll that is over before
//! a thread can well have been interrupted took as much CPU time as time; of longer ones the thread's clock tells.

use std::{
    cell::Cell,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use rustix::time::{ClockId, clock_gettime};

/// A poll that takes no longer, in nanoseconds, is taken to have used all of its time: schedulers let a thread run for
/// about a millisecond, and others for as long when it has to make way. It is also how old a reading of the thread's
/// clock may be when a poll begins, and so what a longer poll may be billed too much.
const SHORT_NS: u64 = 100_000;

/// The guest used up its CPU budget.
#[derive(Debug, thiserror::Error)]
#[error("the CPU budget is used up")]
pub(crate) struct CpuExceeded;

/// What has been used of a budget. One thread at a time measures with it; others may charge it.
#[derive(Debug)]
pub(crate) struct Meter {
    budget_ns: u64,
    /// What earlier polls used.
    spent_ns: AtomicU64,
    /// The time when the present poll began.
    since_ns: AtomicU64,
    /// What the thread's clock showed then, or up to [`SHORT_NS`] before.
    thread_ns: AtomicU64,
}

impl Meter {
    /// A meter for `budget`, with nothing used.
    pub(crate) fn new(budget: Duration) -> Self {
        let budget_ns = u64::try_from(budget.as_nanos()).unwrap_or(u64::MAX);
        Self::for_ns(budget_ns)
    }

    /// A meter without a budget.
    pub(crate) fn unlimited() -> Self {
        Self::for_ns(u64::MAX)
    }

    fn for_ns(budget_ns: u64) -> Self {
        let [spent_ns, since_ns, thread_ns] = [0; 3].map(AtomicU64::new);
        Self { budget_ns, spent_ns, since_ns, thread_ns }
    }

    /// Runs `poll` and adds what it used.
    pub(crate) fn measure<T>(&self, poll: impl FnOnce() -> T) -> T {
        let now = now_ns();
        self.since_ns.store(now, Relaxed);
        self.thread_ns.store(Reading::before(now).thread_ns, Relaxed);
        let result = poll();
        self.charge(self.present_ns());
        result
    }

    /// Adds what was used for this budget and measured elsewhere.
    pub(crate) fn charge(&self, used_ns: u64) {
        self.spent_ns.fetch_add(used_ns, Relaxed);
    }

    /// Whether the budget is used up; asked within a poll, by the thread that polls.
    pub(crate) fn is_exceeded(&self) -> bool {
        self.is_exceeded_by(self.present_ns())
    }

    /// Whether finished polls used up the budget; asked between polls.
    pub(crate) fn was_exceeded(&self) -> bool {
        self.is_exceeded_by(0)
    }

    /// Whether the budget is used up by finished polls and `more_ns`.
    pub(crate) fn is_exceeded_by(&self, more_ns: u64) -> bool {
        self.spent_ns.load(Relaxed).saturating_add(more_ns) > self.budget_ns
    }

    /// What finished polls used, in nanoseconds.
    pub(crate) fn spent_ns(&self) -> u64 {
        self.spent_ns.load(Relaxed)
    }

    /// What finished polls used, in microseconds.
    pub(crate) fn spent_us(&self) -> u64 {
        self.spent_ns() / 1_000
    }

    /// What the present poll has used; asked within it, by the thread that polls.
    pub(crate) fn present_ns(&self) -> u64 {
        let now = now_ns();
        let taken_ns = now.saturating_sub(self.since_ns.load(Relaxed));
        match taken_ns <= SHORT_NS {
            true => taken_ns,
            false => Reading::at(now).thread_ns.saturating_sub(self.thread_ns.load(Relaxed)).min(taken_ns),
        }
    }
}

/// What the clock of the present thread showed at a time.
#[derive(Clone, Copy)]
struct Reading {
    at_ns: u64,
    thread_ns: u64,
}

thread_local! {
    static LAST: Cell<Option<Reading>> = const { Cell::new(None) };
}

impl Reading {
    /// The last one, if it is hardly older than `now`; else a new one.
    fn before(now: u64) -> Self {
        let last = LAST.get().filter(|last| now.saturating_sub(last.at_ns) <= SHORT_NS);
        last.unwrap_or_else(|| Self::at(now))
    }

    /// A new one, at `now`.
    fn at(now: u64) -> Self {
        let reading = Self { at_ns: now, thread_ns: thread_clock_ns() };
        LAST.set(Some(reading));
        reading
    }
}

/// The time since the first call, in nanoseconds.
fn now_ns() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn thread_clock_ns() -> u64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    let (seconds, nanos) = (u64::try_from(now.tv_sec).unwrap_or(0), u64::try_from(now.tv_nsec).unwrap_or(0));
    seconds * 1_000_000_000 + nanos
}

#[cfg(test)]
mod tests {
    use std::{hint, thread};

    use super::*;

    /// Keeps the thread busy until its clock has gone on by `duration`.
    fn work(duration: Duration) {
        let end = thread_clock_ns() + u64::try_from(duration.as_nanos()).unwrap();
        while thread_clock_ns() < end {
            hint::spin_loop();
        }
    }

    #[test]
    fn polls_of_any_length_are_billed_what_they_worked() {
        let meter = Meter::new(Duration::MAX);
        for _ in 0..1_000 {
            meter.measure(|| work(Duration::from_micros(20)));
        }
        let short_us = meter.spent_us();
        // At most a hundred microseconds too much for each of those that had to make way.
        assert!((20_000..60_000).contains(&short_us), "{short_us}");
        let meter = Meter::new(Duration::MAX);
        meter.measure(|| work(Duration::from_millis(20)));
        assert!((20_000..=20_200).contains(&meter.spent_us()), "{}", meter.spent_us());
    }

    #[test]
    fn time_in_which_the_thread_does_not_run_is_nobodys() {
        let meter = Meter::new(Duration::from_millis(2));
        meter.measure(|| {
            thread::sleep(Duration::from_millis(20));
            assert!(!meter.is_exceeded());
        });
        assert!(meter.spent_us() < 1_000 && !meter.was_exceeded(), "{}", meter.spent_us());
    }

    #[test]
    fn a_budget_is_exceeded_within_the_poll_that_uses_it_up_and_after_it() {
        let meter = Meter::new(Duration::from_millis(2));
        meter.measure(|| {
            work(Duration::from_millis(1));
            assert!(!meter.is_exceeded());
            work(Duration::from_millis(2));
            assert!(meter.is_exceeded());
        });
        assert!(meter.was_exceeded());
    }
}

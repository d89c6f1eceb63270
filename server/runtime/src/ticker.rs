//! The clock of the engines: interrupts guests again and again, more often while that finds some at work, and sleeps
//! while there are none.

use std::{
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{
            AtomicBool,
            Ordering::{Relaxed, SeqCst},
        },
    },
    thread::{self, Thread},
    time::Duration,
};

use wasmtime::EngineWeak;

use crate::engine::Engines;

/// How long a clock sleeps that nobody wakes, before it looks whether its engines are gone.
const NAP: Duration = Duration::from_secs(1);

/// By how much more often it ticks while guests are at work: whoever waits for one to make way waits that much less, and
/// where all guests are short, nobody pays for it.
const HASTE: u32 = 2;

/// Whether a guest was found at work since a clock looked last. There is one for all clocks, so that no instance has to
/// hold its own.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Takes note that a tick found a guest at work.
pub(crate) fn note_interruption() {
    // A guest that is interrupted often need not write each time what other cores read.
    if !INTERRUPTED.load(Relaxed) {
        INTERRUPTED.store(true, Relaxed);
    }
}

/// The engines of one clock, which does not keep them alive.
#[derive(Default)]
pub(crate) struct Clocked(Mutex<Vec<[EngineWeak; 2]>>);

impl Clocked {
    /// Has the clock tick for `engines`, too, which come after all others.
    pub(crate) fn add(&self, engines: &Engines) {
        self.living().push(engines.weak());
    }

    /// Whether others live than those that came last.
    pub(crate) fn has_former(&self) -> bool {
        self.living().len() > 1
    }

    /// Advances the epochs.
    fn advance(&self) {
        let living = self.living();
        living.iter().flatten().filter_map(EngineWeak::upgrade).for_each(|engine| engine.increment_epoch());
    }

    /// Those of which any lives.
    fn living(&self) -> MutexGuard<'_, Vec<[EngineWeak; 2]>> {
        let mut living = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        living.retain(|pair| pair.iter().any(|engine| engine.upgrade().is_some()));
        living
    }
}

/// Tells the thread of a clock that there is an instance again.
#[derive(Default)]
pub(crate) struct Ticker {
    asleep: AtomicBool,
    thread: OnceLock<Thread>,
}

impl Ticker {
    /// Wakes the clock if it sleeps. Called after an instance was counted, so that no clock falls asleep beside it.
    pub(crate) fn wake(&self) {
        if self.asleep.load(SeqCst)
            && let Some(thread) = self.thread.get()
        {
            thread.unpark();
        }
    }

    /// Advances the epochs of `engines` while `any` instance is alive, for as long as an engine is: every `tick`, or
    /// [`HASTE`] times as often while guests are at work when it comes.
    pub(crate) fn run(&self, engines: &Clocked, tick: Duration, any: impl Fn() -> bool) {
        // A second clock would not be woken; there is none.
        let _ = self.thread.set(thread::current());
        loop {
            self.asleep.store(true, SeqCst);
            let idle = !any();
            if idle {
                thread::park_timeout(NAP);
            }
            self.asleep.store(false, SeqCst);
            if !idle {
                thread::sleep(if INTERRUPTED.swap(false, Relaxed) { tick / HASTE } else { tick });
            }
            if engines.living().is_empty() {
                return;
            }
            if !idle {
                engines.advance();
            }
        }
    }
}

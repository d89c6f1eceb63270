//! What is written down about one invocation while it runs, and reported when all of it is over.

use std::{
    mem,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use domain::{
    Limits,
    invocation::{Outcome, Usage},
};

use crate::{
    call::{Fault, OnEnd, Report},
    http::Member,
    logs::Logs,
    meter::Meter,
};

/// One invocation's account.
///
/// The guest and both bodies hold it; when the last of them lets go, the report goes out. So it
/// goes out once, after the guest is gone.
pub(crate) struct Account {
    /// How many functions called each other up to this invocation.
    pub(crate) depth: u8,
    /// CPU time.
    pub(crate) cpu: Meter,
    /// The most memory that was held.
    pub(crate) memory_peak_bytes: AtomicU64,
    /// What of its memory the guest was refused first, in words.
    pub(crate) refused: OnceLock<String>,
    /// Bytes of the request's body that were read.
    pub(crate) request_bytes: AtomicU64,
    /// Bytes of the answer's body that were sent.
    pub(crate) response_bytes: AtomicU64,
    /// Time of making the instance.
    pub(crate) instantiate_us: AtomicU64,
    /// Whether the guest gave a head to answer with.
    pub(crate) answered: AtomicBool,
    /// Its part in an instance that serves several.
    pub(crate) member: OnceLock<Member>,
    started: Instant,
    fault: OnceLock<Fault>,
    logs: Mutex<Logs>,
    on_end: Mutex<Option<OnEnd>>,
}

impl Account {
    /// Opens the account of an invocation that is `depth` calls away from its event; `on_end` hears the report.
    pub(crate) fn open(limits: &Limits, depth: u8, on_end: OnEnd) -> Arc<Self> {
        Arc::new(Self {
            depth,
            cpu: Meter::new(Duration::from_millis(limits.cpu_ms.into())),
            memory_peak_bytes: AtomicU64::new(0),
            refused: OnceLock::new(),
            request_bytes: AtomicU64::new(0),
            response_bytes: AtomicU64::new(0),
            instantiate_us: AtomicU64::new(0),
            answered: AtomicBool::new(false),
            member: OnceLock::new(),
            started: Instant::now(),
            fault: OnceLock::new(),
            logs: Mutex::new(Logs::up_to(limits.log_bytes)),
            on_end: Mutex::new(Some(on_end)),
        })
    }

    /// When the invocation began.
    pub(crate) const fn started(&self) -> Instant {
        self.started
    }

    /// Writes down that the instance holds `bytes` of memory.
    pub(crate) fn holds(&self, bytes: usize) {
        self.memory_peak_bytes.fetch_max(bytes as u64, Relaxed);
    }

    /// Writes down what went wrong; what was written first stays, and is given back.
    pub(crate) fn fail(&self, outcome: Outcome, message: impl Into<String>) -> &Fault {
        self.fault.get_or_init(|| Fault::new(outcome, message))
    }

    /// What went wrong, if anything did.
    pub(crate) fn fault(&self) -> Option<&Fault> {
        self.fault.get()
    }

    /// Lets `write` at the log lines.
    pub(crate) fn with_logs<T>(&self, write: impl FnOnce(&mut Logs) -> T) -> T {
        write(&mut self.logs.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn usage(&self) -> Usage {
        Usage {
            wall_us: micros(self.started.elapsed()),
            instantiate_us: self.instantiate_us.load(Relaxed),
            cpu_us: self.cpu.spent_us(),
            memory_peak_bytes: self.memory_peak_bytes.load(Relaxed),
            request_bytes: self.request_bytes.load(Relaxed),
            response_bytes: self.response_bytes.load(Relaxed),
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let on_end = self.on_end.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let Some(on_end) = on_end else { return };
        let usage = self.usage();
        let (logs, logs_truncated) = self.with_logs(mem::take).finish();
        let (outcome, error) = match self.fault.take() {
            Some(fault) => (fault.outcome, Some(fault.message)),
            None => (Outcome::Ok, None),
        };
        on_end(Report { outcome, error, usage, logs, logs_truncated });
    }
}

/// `duration` in whole microseconds.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

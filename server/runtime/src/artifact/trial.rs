//! Runs a component's own code in the worker: within the limits of an invocation, without variables, a way out
//! or anything else of the host's but clocks, random bytes and standard streams.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc,
    },
    task::Poll,
    thread,
    time::Duration,
};

use domain::{Limits, version::Wasi};
use wasmtime::{Engine, Store, component::Linker};
use wasmtime_wasi::{I32Exit, WasiView};

use crate::{
    Report, account::Account, capability::NotWhilePrepared, function::Terms, link::linker, meter::CpuExceeded,
    seat::Party, settings::Settings, state::Guest,
};

/// Where one component's code runs.
pub(super) struct Trial {
    pub(super) store: Store<Guest>,
    account: Arc<Account>,
    report: mpsc::Receiver<Report>,
    most: Duration,
    read_variables: Arc<AtomicBool>,
}

/// Why code did not run to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stop {
    /// It computed or waited for too long.
    #[error("it took too long")]
    OutOfTime,
    /// It was refused memory, and gave up.
    #[error("it asked for too much memory")]
    OutOfMemory,
    /// It trapped or left.
    #[error("{0}")]
    Trapped(String),
    /// The machine or the platform is in the way, not the code.
    #[error("{0}")]
    Hindered(String),
}

impl Trial {
    /// Memory of one instance: what an invocation gets unless its function says more.
    pub(super) const MEMORY_MIB: u32 = 128;

    /// A place for one instance, which may compute for `most`.
    pub(super) fn new(engine: &Engine, most: Duration) -> Self {
        let cpu_ms = u32::try_from(most.as_millis()).unwrap_or(u32::MAX);
        let limits = Limits { memory_mib: Self::MEMORY_MIB, cpu_ms, ..Limits::default() };
        let (sender, report) = mpsc::channel();
        let on_end = Box::new(move |report| {
            // Nobody listens where the trial was dropped.
            let _ = sender.send(report);
        });
        let account = Account::open(&limits, 0, on_end);
        let store = Guest::store(engine, Party::One(Arc::clone(&account)), &Terms::bare(limits));
        Self { store, account, report, most, read_variables: Arc::default() }
    }

    /// What the component may call, with a note of whether it asks for its variables.
    pub(super) fn linker(&self, wasi: Wasi) -> wasmtime::Result<Linker<Guest>> {
        let mut linker = linker(self.store.engine(), wasi)?;
        linker.allow_shadowing(true);
        for environment in crate::offered_imports(wasi).filter(|name| name.starts_with("wasi:cli/environment@")) {
            let noted = Arc::clone(&self.read_variables);
            linker.instance(environment)?.func_wrap("get-environment", move |_, (): ()| {
                noted.store(true, Relaxed);
                Ok((Vec::<(String, String)>::new(),))
            })?;
        }
        linker.allow_shadowing(false);
        Ok(linker)
    }

    /// Runs `work` to its end, or until its time is up.
    pub(super) fn run<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Store<Guest>) -> wasmtime::Result<T>,
    ) -> Result<T, Stop> {
        /// Those who wait get more than those who compute: the machine may be busy.
        const WALL: u32 = 3;
        let hindered = |error: std::io::Error| Stop::Hindered(error.to_string());
        let ticking = Ticking::start(self.store.engine()).map_err(hindered)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(hindered)?;
        let account = Arc::clone(&self.account);
        let ended = runtime.block_on(async {
            let mut work = pin!(work(&mut self.store));
            let measured = std::future::poll_fn(|cx| match account.cpu.measure(|| work.as_mut().poll(cx)) {
                Poll::Pending if account.cpu.was_exceeded() => Poll::Ready(Err(CpuExceeded.into())),
                polled => polled,
            });
            tokio::time::timeout(self.most * WALL, measured).await
        });
        drop(ticking);
        match ended {
            Err(_) => Err(Stop::OutOfTime),
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(self.meaning(&error)),
        }
    }

    fn meaning(&self, error: &wasmtime::Error) -> Stop {
        let cause = || error.root_cause().to_string();
        if error.is::<CpuExceeded>() {
            Stop::OutOfTime
        } else if self.account.refused.get().is_some() {
            Stop::OutOfMemory
        } else if error.is::<NotWhilePrepared>() {
            Stop::Trapped(cause())
        } else if let Some(I32Exit(status)) = error.downcast_ref() {
            Stop::Trapped(format!("it exited with status {status}"))
        } else if error.is::<wasmtime::Trap>() {
            Stop::Trapped(cause().trim_start_matches("wasm trap: ").to_owned())
        } else {
            Stop::Hindered(cause())
        }
    }

    /// Memory that the instance holds, in bytes.
    pub(super) fn memory_bytes(&self) -> u64 {
        self.account.memory_peak_bytes.load(Relaxed)
    }

    /// Whether the instance asked for its variables.
    pub(super) fn read_variables(&self) -> bool {
        self.read_variables.load(Relaxed)
    }

    /// Whether the instance holds anything of the host's, by a handle that another instance does not have.
    pub(super) fn holds_resources(&mut self) -> bool {
        !self.store.data_mut().ctx().table.is_empty()
    }

    /// Ends the trial: what the instance wrote, and the CPU time that it used in microseconds.
    pub(super) fn end(self) -> (String, u64) {
        let Self { store, account, report, .. } = self;
        drop((store, account));
        match report.try_recv() {
            Ok(report) => (written(&report), report.usage.cpu_us),
            Err(_) => (String::new(), 0),
        }
    }
}

/// The first lines of what an instance wrote.
fn written(report: &Report) -> String {
    const MAX_BYTES: usize = 4 << 10;
    let mut text = report.logs.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
    text.truncate(text.floor_char_boundary(MAX_BYTES));
    text
}

/// Advances an engine's epochs until it is dropped.
struct Ticking {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Ticking {
    fn start(engine: &Engine) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel::<()>();
        let (engine, every) = (engine.clone(), Settings::default().epoch_tick);
        let work = move || {
            while stopped.recv_timeout(every) == Err(mpsc::RecvTimeoutError::Timeout) {
                engine.increment_epoch();
            }
        };
        let thread = thread::Builder::new().name("epoch-ticker".to_owned()).spawn(work)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Ticking {
    /// Waits for the thread: one that has just begun still asks for memory of its own, and would find none once the
    /// process may not have as much any more.
    fn drop(&mut self) {
        drop(self.stop.take());
        // It has nothing that could panic.
        let _ = self.thread.take().map(thread::JoinHandle::join);
    }
}

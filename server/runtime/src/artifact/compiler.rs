//! The parent's side of the pipeline: starts one worker at a time, watches it, seals its artifact.

use std::{
    fs::{self, File},
    io,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, OnceLock},
    time::Duration,
};

use domain::{Failure, Verdict, version::Wasi};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStderr, ChildStdout, Command},
    sync::Semaphore,
    task::spawn_blocking,
};

use super::{
    cache,
    confinement::Held,
    mac::MacKey,
    protocol::{CacheRequest, Line, Request, partial},
    refusal::{out_of_memory, out_of_time, refusal, too_slow},
};

/// What a worker may take, and use on it.
#[derive(Clone, Debug)]
pub struct WorkerBounds {
    /// Whether components of WASI 0.3 are taken. Default true.
    pub preview3: bool,
    /// CPU time. Default 60 s.
    pub cpu: Duration,
    /// Address space in bytes. Default 2 GiB.
    pub memory_bytes: u64,
    /// Wall time, after which the worker is killed. Default 180 s.
    pub wall: Duration,
    /// CPU time of a component's init. Default 10 s.
    pub init: Duration,
    /// The cache of compiled functions; each is compiled anew where absent, which is the default.
    pub cache: Option<CacheBounds>,
}

impl Default for WorkerBounds {
    fn default() -> Self {
        Self {
            preview3: true,
            cpu: Duration::from_secs(60),
            memory_bytes: 2 << 30,
            wall: Duration::from_secs(180),
            init: Duration::from_secs(10),
            cache: None,
        }
    }
}

/// Where compiled functions are kept.
#[derive(Clone, Debug)]
pub struct CacheBounds {
    /// A folder of the server's own.
    pub folder: PathBuf,
    /// The most that it holds, in bytes on disk; the oldest functions go first.
    pub most_bytes: u64,
}

/// Prepares components in child processes, one at a time.
#[derive(Clone, Debug)]
pub struct Compiler {
    bounds: WorkerBounds,
    program: Arc<PathBuf>,
    turn: Arc<Semaphore>,
    told: Arc<OnceLock<Held>>,
}

/// A component that can run.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// What was found in it.
    pub verdict: Verdict,
    /// The MAC of the artifact, which [`crate::Runtime::load`] asks for.
    pub mac: [u8; 32],
}

/// Why there is no artifact.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The component is at fault.
    #[error("the component was refused: {}", .0.message)]
    Refused(Failure),
    /// The worker could not be started or spoken to, or the artifact could not be stored.
    #[error("the compile worker could not do its work")]
    Io(#[from] io::Error),
}

impl Compiler {
    /// Will run `program compile-worker`, where [`super::worker_main`] answers, within `bounds`.
    #[must_use]
    pub fn new(bounds: WorkerBounds, program: PathBuf) -> Self {
        Self { bounds, program: Arc::new(program), turn: Arc::new(Semaphore::new(1)), told: Arc::default() }
    }

    /// Whether what was found earlier in a component holds still, so that preparing it again would find the same.
    #[must_use]
    pub fn agrees(&self, verdict: &Verdict) -> bool {
        // With more time it may be optimised now.
        !verdict.unoptimised && (self.bounds.preview3 || verdict.wasi == Wasi::Preview2)
    }

    /// Checks and compiles the file `component`, and leaves the artifact at `artifact`: whole, on
    /// disk and sealed with `key`, or not at all. `on_step` hears the name of each step that is done.
    ///
    /// Waits for its turn first. Cancel safe: the worker is killed when the future is dropped.
    ///
    /// # Errors
    ///
    /// [`PrepareError::Refused`] when the component cannot run here, [`PrepareError::Io`] when the
    /// machine failed us.
    pub async fn prepare(
        &self,
        component: &Path,
        artifact: &Path,
        key: &MacKey,
        on_step: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<Prepared, PrepareError> {
        let _turn = self.turn.acquire().await.map_err(io::Error::other)?;
        let draft = partial(artifact);
        let made = match self.work(component, &draft, key, true, on_step).await {
            // What takes too long to optimise may still be translated.
            Err(PrepareError::Refused(failure)) if failure == out_of_time() => {
                self.work(component, &draft, key, false, on_step).await
            }
            made => made,
        };
        match made {
            Ok(verdict) => {
                let (to, key, cache) = (artifact.to_owned(), key.clone(), self.bounds.cache.clone());
                let finish = move || finish(&draft, &to, &key, cache.as_ref());
                let mac = spawn_blocking(finish).await.map_err(io::Error::other)??;
                Ok(Prepared { verdict, mac })
            }
            Err(error) => {
                remove_if_there(&draft).await?;
                Err(error)
            }
        }
    }

    /// Has one worker check and compile `component`, and write what it made to `draft`.
    async fn work(
        &self,
        component: &Path,
        draft: &Path,
        key: &MacKey,
        optimise: bool,
        on_step: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<Verdict, PrepareError> {
        /// One worker may fill a part of the cache, so that the cache outgrows its bound by no more.
        const PART: u64 = 4;
        let cache = match &self.bounds.cache {
            Some(CacheBounds { folder, most_bytes }) => {
                tokio::fs::create_dir_all(folder).await?;
                let key = key.derive("compiled functions").to_hex();
                Some(CacheRequest { folder: folder.clone(), key, most_bytes: most_bytes / PART })
            }
            None => None,
        };
        let request = Request {
            component: component.to_owned(),
            artifact: draft.to_owned(),
            preview3: self.bounds.preview3,
            optimise,
            cpu_seconds: self.bounds.cpu.as_secs().max(1),
            memory_bytes: self.bounds.memory_bytes,
            init_ms: u64::try_from(self.bounds.init.as_millis()).unwrap_or(u64::MAX),
            cache,
        };
        let mut child = self.start(&request).await?;
        let hear = |line: &Line| match line {
            Line::Step { name } => on_step(name),
            Line::Held { by } => self.tell(*by),
            _ => {}
        };
        let Ok(end) = tokio::time::timeout(self.bounds.wall, listen(&mut child, &hear)).await else {
            child.kill().await?;
            return Err(PrepareError::Refused(too_slow()));
        };
        let end = end?;
        match end.last {
            Some(Line::Done { verdict }) => {
                if !end.stderr.is_empty() {
                    tracing::warn!(stderr = end.stderr, "the compile worker came to a verdict and complained");
                }
                Ok(verdict)
            }
            Some(Line::Refused { failure }) => Err(PrepareError::Refused(failure)),
            Some(Line::Broken { message }) => Err(PrepareError::Io(io::Error::other(message))),
            Some(Line::Held { .. } | Line::Step { .. }) | None => {
                Err(PrepareError::Refused(died(end.status, &end.stderr)))
            }
        }
    }

    /// Says once what holds workers on this machine.
    fn tell(&self, by: Held) {
        self.told.get_or_init(|| {
            let Held { files, network, privileges } = by;
            tracing::info!(files, network, privileges, "what compile workers are cut off from");
            by
        });
    }

    async fn start(&self, request: &Request) -> io::Result<Child> {
        let mut child = Command::new(self.program.as_path())
            .arg("compile-worker")
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut stdin = child.stdin.take().ok_or_else(|| io::Error::other("the worker has no standard input"))?;
        stdin.write_all(&serde_json::to_vec(request)?).await?;
        stdin.shutdown().await?;
        Ok(child)
    }
}

/// Seals what a worker wrote to `draft` and puts it at `artifact`; then makes room in the cache that it filled.
fn finish(draft: &Path, artifact: &Path, key: &MacKey, cache: Option<&CacheBounds>) -> io::Result<[u8; 32]> {
    let mac = key.seal(draft)?;
    fs::rename(draft, artifact)?;
    if let Some(folder) = artifact.parent() {
        File::open(folder)?.sync_all()?;
    }
    if let Some(CacheBounds { folder, most_bytes }) = cache
        && let Err(error) = cache::trim(folder, *most_bytes)
    {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, folder = %folder.display(), "the cache of compiled functions cannot be trimmed");
    }
    Ok(mac)
}

/// Removes what a worker left when it died in the middle of writing.
async fn remove_if_there(path: &Path) -> io::Result<()> {
    match tokio::fs::remove_file(path).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// How a worker ended.
struct End {
    last: Option<Line>,
    status: ExitStatus,
    stderr: String,
}

async fn listen(child: &mut Child, hear: &(dyn Fn(&Line) + Send + Sync)) -> io::Result<End> {
    let stdout = child.stdout.take().ok_or_else(|| io::Error::other("the worker has no standard output"))?;
    let stderr = child.stderr.take().ok_or_else(|| io::Error::other("the worker has no standard error"))?;
    let (last, stderr) = tokio::try_join!(last_line(stdout, hear), head_of(stderr))?;
    Ok(End { last, status: child.wait().await?, stderr })
}

async fn last_line(stdout: ChildStdout, hear: &(dyn Fn(&Line) + Send + Sync)) -> io::Result<Option<Line>> {
    /// A verdict holds a world as text; nothing that passes the shape check has one of this size.
    const MAX_BYTES: u64 = 16 << 20;
    let mut lines = BufReader::new(stdout.take(MAX_BYTES)).lines();
    let mut last = None;
    while let Some(text) = lines.next_line().await? {
        let line = serde_json::from_str(&text)?;
        hear(&line);
        last = Some(line);
    }
    Ok(last)
}

/// Reads `stderr` to its end and keeps the first bytes.
async fn head_of(mut stderr: ChildStderr) -> io::Result<String> {
    const KEPT_BYTES: u64 = 8 << 10;
    let mut head = Vec::new();
    (&mut stderr).take(KEPT_BYTES).read_to_end(&mut head).await?;
    tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await?;
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Tells from the signal and from the last words why a worker went without a verdict.
fn died(status: ExitStatus, stderr: &str) -> Failure {
    /// `SIGKILL`: nobody else sends it than the kernel when memory runs out.
    const KILLED: i32 = 9;
    /// `SIGXCPU`.
    const CPU_LIMIT: i32 = 24;
    match status.signal() {
        Some(CPU_LIMIT) => return out_of_time(),
        Some(KILLED) => return out_of_memory(),
        Some(_) if stderr.contains("memory allocation of") => return out_of_memory(),
        _ => {}
    }
    tracing::error!(%status, stderr, "the compile worker died without a verdict");
    let message = format!("the compiler ended without a verdict ({status}); the platform's log has the details");
    refusal("worker-died", message)
}

//! A runtime of one test's own, and the guests' artifacts, which are compiled once for all tests.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex},
};

use bytes::Bytes;
use domain::{Configuration, Ids, Limits, OutboundHost, Reuse, Timestamp, id::InvocationId, version::Wasi};
use futures::stream;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use runtime::{
    Body, Call, Fault, Function, MacKey, Program, Report, Runtime, Settings,
    artifact::{Compiler, PrepareError, Prepared, WorkerBounds},
};
use tokio::sync::{OnceCell, mpsc, oneshot};

use super::host::MemoryHost;

/// A compiled guest.
#[derive(Clone)]
pub(super) struct Artifact {
    pub(super) path: PathBuf,
    pub(super) mac: [u8; 32],
    pub(super) wasi: Wasi,
}

/// The seal of all artifacts of the suite.
pub(super) fn mac_key() -> MacKey {
    MacKey::new([7; 32])
}

/// The compiler that runs the real worker.
pub(super) fn compiler() -> Compiler {
    Compiler::new(WorkerBounds::default(), harness::binary().to_owned())
}

/// Prepares the component `wasm` and leaves its artifact in `folder`.
pub(super) async fn prepare(wasm: &[u8], folder: &Path) -> Result<Prepared, PrepareError> {
    prepare_with(&compiler(), wasm, folder).await
}

/// As [`prepare`], by `compiler`.
pub(super) async fn prepare_with(compiler: &Compiler, wasm: &[u8], folder: &Path) -> Result<Prepared, PrepareError> {
    let component = folder.join("component.wasm");
    std::fs::write(&component, wasm).unwrap();
    compiler.prepare(&component, &folder.join("artifact"), &mac_key(), &|_| ()).await
}

/// The compiler that runs the real worker within `bounds`.
pub(super) fn compiler_within(bounds: WorkerBounds) -> Compiler {
    Compiler::new(bounds, harness::binary().to_owned())
}

/// The artifact of the example guest `name`.
pub(super) async fn artifact(name: &'static str) -> Artifact {
    type Cells = Mutex<HashMap<&'static str, Arc<OnceCell<Artifact>>>>;
    static ARTIFACTS: LazyLock<Cells> = LazyLock::new(Mutex::default);
    let cell = Arc::clone(ARTIFACTS.lock().unwrap().entry(name).or_default());
    let make = || async {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.artifact"));
        let guest = harness::guest_path(name);
        let prepared = compiler().prepare(&guest, &path, &mac_key(), &|_| ()).await.unwrap();
        Artifact { path, mac: prepared.mac, wasi: prepared.verdict.wasi }
    };
    cell.get_or_init(make).await.clone()
}

/// A runtime, and what its guests run with.
pub(super) struct Stage {
    pub(super) runtime: Runtime,
    /// What answers its guests.
    pub(super) host: Arc<MemoryHost>,
    pub(super) configuration: Configuration,
}

/// One invocation under way.
pub(super) struct Invocation {
    pub(super) answer: Result<http::Response<Body>, Fault>,
    report: oneshot::Receiver<Report>,
}

impl Stage {
    pub(super) fn new() -> Self {
        Self::with_places(8)
    }

    /// A runtime that runs `instances` at once, and makes none ahead unasked.
    pub(super) fn with_places(instances: u32) -> Self {
        Self::with_settings(&Settings { instances, ahead: 0, ..Settings::default() })
    }

    pub(super) fn with_settings(settings: &Settings) -> Self {
        Self { runtime: Runtime::start(settings).unwrap(), host: memory(), configuration: Configuration::default() }
    }

    /// A stage on the same runtime, for functions without a configuration.
    pub(super) fn beside(&self) -> Self {
        Self { runtime: self.runtime.clone(), host: memory(), configuration: Configuration::default() }
    }

    /// Lets guests call what `entries` say.
    pub(super) fn allow(mut self, entries: &[&str]) -> Self {
        let entries = entries.iter().map(|entry| entry.parse::<OutboundHost>().unwrap());
        self.configuration.allowed_outbound_hosts.extend(entries);
        self
    }

    pub(super) fn limits(mut self, limits: Limits) -> Self {
        self.configuration.limits = limits;
        self
    }

    pub(super) fn variable(mut self, name: &str, value: &str) -> Self {
        self.configuration.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Lets an instance serve again, within the bounds of `reuse`.
    pub(super) const fn reuse(mut self, reuse: Reuse) -> Self {
        self.configuration.reuse = Some(reuse);
        self
    }

    /// Has `instances` made ahead.
    pub(super) const fn provisioned(mut self, instances: u32) -> Self {
        self.configuration.provisioned = instances;
        self
    }

    pub(super) async fn program(&self, guest: &'static str) -> Program {
        let Artifact { path, mac, wasi } = artifact(guest).await;
        self.runtime.load(&path, &mac, &mac_key(), wasi).unwrap()
    }

    /// The function that `guest` is here.
    pub(super) async fn function(&self, guest: &'static str) -> Function {
        self.program(guest).await.function(self.configuration.clone(), self.host.clone())
    }

    /// Sends `request` to `guest` and waits for the head of its answer.
    pub(super) async fn send(&self, guest: &'static str, request: http::Request<Body>) -> Invocation {
        Invocation::begin(&self.function(guest).await, request).await
    }

    /// Waits until so many instances are alive.
    pub(super) async fn until_running(&self, instances: usize) {
        while self.runtime.running() != instances {
            tokio::task::yield_now().await;
        }
    }

    /// Asks `guest` for `target`.
    pub(super) async fn get(&self, guest: &'static str, target: &str) -> Invocation {
        self.send(guest, request(target, Bytes::new())).await
    }
}

impl Invocation {
    /// Sends `request` to `function` and waits for the head of its answer.
    pub(super) async fn begin(function: &Function, request: http::Request<Body>) -> Self {
        let (call, report) = call();
        Self { answer: function.http(call, request).await, report }
    }

    /// Asks `function` for `target` and waits until all of the invocation is over.
    pub(super) async fn whole(function: &Function, target: &str) -> (String, Report) {
        Self::to_its_end(function, request(target, Bytes::new())).await
    }

    /// Sends `request` to `function` and waits until all of the invocation is over.
    pub(super) async fn to_its_end(function: &Function, request: http::Request<Body>) -> (String, Report) {
        let mut invocation = Self::begin(function, request).await;
        let text = match &invocation.answer {
            Ok(_) => invocation.text().await,
            Err(_) => String::new(),
        };
        (text, invocation.report().await)
    }

    /// Takes the answer's body out.
    pub(super) fn body(&mut self) -> Body {
        let nothing = Ok(http::Response::new(full(Bytes::new())));
        std::mem::replace(&mut self.answer, nothing).unwrap().into_body()
    }

    /// The answer's body as text, read to its end.
    pub(super) async fn text(&mut self) -> String {
        let bytes = self.body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.into()).unwrap()
    }

    /// What was reported. Lets go of the answer first.
    pub(super) async fn report(self) -> Report {
        drop(self.answer);
        self.report.await.expect("the invocation was not reported")
    }
}

/// A call, and its report when it is over.
pub(super) fn call() -> (Call, oneshot::Receiver<Report>) {
    let (sender, report) = oneshot::channel();
    let on_end = Box::new(move |report| {
        let _ = sender.send(report);
    });
    (Call { id: invocation_id(), on_end }, report)
}

/// A request to `target` with `body`.
pub(super) fn request(target: &str, body: Bytes) -> http::Request<Body> {
    http::Request::post(target).header("host", "demo.localhost").body(full(body)).unwrap()
}

/// A body that is sent piece by piece, and ends when its sender is dropped.
pub(super) fn piecewise() -> (mpsc::Sender<Bytes>, Body) {
    let (sender, receiver) = mpsc::channel(1);
    let frames = stream::unfold(receiver, async |mut receiver: mpsc::Receiver<Bytes>| {
        let bytes = receiver.recv().await?;
        Some((Ok(Frame::data(bytes)), receiver))
    });
    (sender, Body::stream(StreamBody::new(frames)))
}

pub(super) fn full(bytes: Bytes) -> Body {
    Body::whole(bytes)
}

fn invocation_id() -> InvocationId {
    Ids::new(Noon, Zeros).next()
}

fn memory() -> Arc<MemoryHost> {
    Arc::new(MemoryHost::new(Ids::new(Noon, Zeros)))
}

struct Noon;

impl domain::Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000_000_000)
    }
}

struct Zeros;

impl domain::Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

//! In-process micro-benchmarks: what a request costs without sockets, and what loading an artifact costs.
//!
//! `cargo bench --profile dist --package dormouse --package tests --bench micro`: figures, never verdicts.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up ends, and says why"
)]

#[path = "../suites/runtime/host.rs"]
#[allow(dead_code, reason = "the suites look into it, the benchmark does not")]
mod host;

use std::{path::PathBuf, sync::Arc, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use domain::{Configuration, Ids, Reuse, id::InvocationId, version::Wasi};
use http_body_util::BodyExt as _;
use runtime::{
    Body, Call, Function, MacKey, Program, Report, Runtime, Settings,
    artifact::{Compiler, WorkerBounds},
};

use self::host::MemoryHost;

/// The server's.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// A compiled guest.
struct Artifact {
    path: PathBuf,
    mac: [u8; 32],
    wasi: Wasi,
}

/// Compiles the example guest `name` as the server does.
fn artifact(executor: &tokio::runtime::Runtime, name: &str) -> Artifact {
    let path = std::env::temp_dir().join(format!("dormouse-micro-{name}-{}", std::process::id()));
    let compiler = Compiler::new(WorkerBounds::default(), harness::binary().to_owned());
    let prepared = executor.block_on(compiler.prepare(&harness::guest_path(name), &path, &key(), &|_| ())).unwrap();
    Artifact { path, mac: prepared.mac, wasi: prepared.verdict.wasi }
}

fn key() -> MacKey {
    MacKey::new([7; 32])
}

fn load(runtime: &Runtime, artifact: &Artifact) -> Program {
    runtime.load(&artifact.path, &artifact.mac, &key(), artifact.wasi).unwrap()
}

/// One invocation, from the request to the last byte of the answer.
async fn request(function: &Function, id: InvocationId) {
    send(function, Call { id, on_end: Box::new(|_| ()) }).await;
}

async fn send(function: &Function, call: Call) {
    let request = http::Request::get("/hello/").header("host", "bench.localhost").body(Body::empty()).unwrap();
    let answer = function.http(call, request).await.unwrap();
    assert!(answer.status().is_success());
    answer.into_body().collect().await.unwrap();
    // What is done behind the answer counts, too.
    tokio::task::yield_now().await;
}

/// The time that making the instance took of one invocation, in whole microseconds: to half of one too little.
async fn instantiate(function: &Function, id: InvocationId) -> Duration {
    let (sender, report) = tokio::sync::oneshot::channel();
    let on_end = Box::new(move |report: Report| sender.send(report.usage.instantiate_us).unwrap());
    send(function, Call { id, on_end }).await;
    Duration::from_micros(report.await.unwrap())
}

fn micro(criterion: &mut Criterion) {
    let executor = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let runtime = Runtime::start(&Settings::default()).unwrap();
    let id = Ids::new(Noon, Zeros).next();
    let host: Arc<dyn runtime::Host> = Arc::new(MemoryHost::new(Ids::new(Noon, Zeros)));
    for guest in ["greet", "hello", "heavy", "greet3", "hello3"] {
        let artifact = artifact(&executor, guest);
        criterion.bench_function(&format!("load {guest}"), |bencher| bencher.iter(|| load(&runtime, &artifact)));
        let program = load(&runtime, &artifact);
        let fresh = program.function(Configuration::default(), Arc::clone(&host));
        criterion.bench_function(&format!("instantiate {guest}"), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| executor.block_on(instantiate(&fresh, id))).sum());
        });
        criterion.bench_function(&format!("fresh {guest}"), |bencher| {
            bencher.iter(|| executor.block_on(request(&fresh, id)));
        });
        let reuse = Some(Reuse { max_reuse: 1_000_000, ..Reuse::default() });
        let reused = program.function(Configuration { reuse, ..Configuration::default() }, Arc::clone(&host));
        criterion.bench_function(&format!("reused {guest}"), |bencher| {
            bencher.iter(|| executor.block_on(request(&reused, id)));
        });
        let _ = std::fs::remove_file(&artifact.path);
    }
}

struct Noon;

impl domain::Clock for Noon {
    fn now(&self) -> domain::Timestamp {
        domain::Timestamp(1_700_000_000_000_000)
    }
}

struct Zeros;

impl domain::Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

criterion_group!(benches, micro);
criterion_main!(benches);

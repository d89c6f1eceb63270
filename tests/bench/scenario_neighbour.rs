//! A function beside a neighbour of another project that keeps every core of the server busy.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use harness::Project;
use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    cores::{Cores, Place},
    dormouse::{Dormouse, OWNER, publish},
    options::Pace,
    peers::guest_path,
    process,
    record::{Fact, Record},
    server::{Kind, Server},
    workload::Workload,
    wrk::{Figures, Load},
};

const SCENARIO: &str = "neighbour";

/// How long one request spins: below the CPU time that a version has by default.
const SPIN: &str = "/spin/?ms=9000";

/// Figures of the servers' one core, and of both.
const ONE_CORE: [&str; 4] =
    ["p99 unloaded, one core", "p99 beside the spinner, one core", "p99 beyond unloaded, one core", "busy of one core"];
const BOTH_CORES: [&str; 4] = [
    "p99 unloaded, both cores",
    "p99 beside the spinners, both cores",
    "p99 beyond unloaded, both cores",
    "busy of both cores",
];

/// Measures `hello` at one connection, alone and with as many spinning requests of another project as the
/// server has cores; first with the load on a core of its own, then with all on both.
///
/// # Errors
///
/// If a guest was not built, or `wrk` is missing.
pub(crate) async fn run(cores: Cores, pace: Pace, record: &mut Record, hello: &Workload) -> anyhow::Result<()> {
    one(cores, pace, record, hello, (Place::Server, Place::Load, 1), ONE_CORE).await?;
    one(cores, pace, record, hello, (Place::Both, Place::Both, 2), BOTH_CORES).await
}

async fn one(
    cores: Cores,
    pace: Pace,
    record: &mut Record,
    hello: &Workload,
    (place, from, spinners): (Place, Place, usize),
    [unloaded, beside, beyond, busy]: [&'static str; 4],
) -> anyhow::Result<()> {
    let dormouse = Dormouse::start(cores, place).await?;
    let server = dormouse.serve(hello, Kind::Dormouse).await?;
    let noisy = dormouse.platform.project("noisy").with_owner(OWNER).create().await;
    publish(&noisy.acting_as(OWNER), "spin", &std::fs::read(guest_path("cpu")?)?, &json!({})).await?;
    let measured = Measured { load: Load { cores, from, connections: 1 }, pace, server: &server, hello };

    let (alone, _) = measured.run(unloaded).await?;
    let spinning = Spinning::start(&noisy, spinners);
    let (loaded, used) = measured.run(beside).await?;
    spinning.end().await;

    let fact = |figure, unit, value| Fact { scenario: SCENARIO, figure, unit, value };
    record.facts.extend([
        fact(unloaded, "ms", alone.p99_us / 1e3),
        fact(beside, "ms", loaded.p99_us / 1e3),
        fact(beyond, "ms", (loaded.p99_us - alone.p99_us) / 1e3),
        fact(busy, "cores", used),
    ]);
    Ok(())
}

/// What is measured twice.
struct Measured<'a> {
    load: Load,
    pace: Pace,
    server: &'a Server,
    hello: &'a Workload,
}

impl Measured<'_> {
    /// The medians, and how many cores the server kept busy.
    async fn run(&self, what: &str) -> anyhow::Result<(Figures, f64)> {
        let Self { load, pace, server, hello } = self;
        load.run(server, hello, pace.warm_up).await?;
        let (begun, before) = (std::time::Instant::now(), process::cpu_us(server.pid)?);
        let mut runs = Vec::new();
        for run in 1..=pace.runs {
            eprintln!("{what}: run {run} of {}", pace.runs);
            runs.push(load.run(server, hello, pace.run).await?);
        }
        let used_us = process::cpu_us(server.pid)? - before;
        let figures = Figures::median(&runs).ok_or_else(|| anyhow::anyhow!("no run"))?;
        Ok((figures, used_us / begun.elapsed().as_secs_f64() / 1e6))
    }
}

/// Requests that keep cores busy, each followed by the next.
struct Spinning {
    go_on: Arc<AtomicBool>,
    requests: JoinSet<()>,
}

impl Spinning {
    fn start(project: &Project, spinners: usize) -> Self {
        let go_on = Arc::new(AtomicBool::new(true));
        let mut requests = JoinSet::new();
        for _ in 0..spinners {
            let (project, go_on) = (project.clone(), Arc::clone(&go_on));
            requests.spawn(async move {
                while go_on.load(Ordering::Relaxed) {
                    // One that is cut off is followed by the next, too.
                    let _ = project.call(http::Method::GET, SPIN).try_send().await;
                }
            });
        }
        Self { go_on, requests }
    }

    /// Cuts the requests off.
    async fn end(mut self) {
        self.go_on.store(false, Ordering::Relaxed);
        self.requests.shutdown().await;
    }
}

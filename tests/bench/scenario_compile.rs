//! The API while a component is compiled that makes the optimiser burn: it answers, and the compiler is one
//! bounded child.

use std::time::{Duration, Instant};

use harness::Actor;

use crate::{
    cores::{Cores, Place},
    dormouse::Dormouse,
    process,
    record::{Fact, Record, percentile},
    server::Kind,
    workload::Workload,
};

const SCENARIO: &str = "compile";

/// Requests before the upload.
const BEFORE: usize = 500;

/// How long the compile is watched: longer than it takes to see a tail, shorter than its limits.
const WATCHED: Duration = Duration::from_secs(15);

/// Times reads of the API, uploads the component, and times them again while it is prepared.
///
/// # Errors
///
/// If the guest was not built, or the API does not answer.
pub(crate) async fn run(cores: Cores, record: &mut Record, hello: &Workload) -> anyhow::Result<()> {
    let dormouse = Dormouse::start(cores, Place::Both).await?;
    dormouse.serve(hello, Kind::Dormouse).await?;
    let owner = dormouse.owner();
    let server = dormouse.platform.ready().pid;

    eprintln!("compile: {BEFORE} requests before");
    let mut before = Vec::new();
    for _ in 0..BEFORE {
        before.push(read(&owner, hello).await?);
    }
    let uploading = owner.request(http::Method::POST, "/functions/burner/versions?create=true");
    let uploaded = uploading.header("content-type", "application/wasm").body(harness::burner()).send().await;
    anyhow::ensure!(uploaded.status().is_success(), "the component was refused: {}", uploaded.text());

    eprintln!("compile: requests during {} s", WATCHED.as_secs());
    let (mut during, mut child_bytes, begun) = (Vec::new(), 0, Instant::now());
    let mut ended = None;
    while ended.is_none() && begun.elapsed() < WATCHED {
        during.push(read(&owner, hello).await?);
        child_bytes = child_bytes.max(process::children_peak_bytes(server)?);
        let version: wire::Version = owner.get("/functions/burner/versions/1").await.parse();
        ended = (version.state != wire::VersionState::Preparing).then(|| begun.elapsed());
    }
    let mut note = |figure, unit, value| record.facts.push(Fact { scenario: SCENARIO, figure, unit, value });
    note("API p99 before", "ms", percentile(&mut before, 0.99));
    note("API p99 during", "ms", percentile(&mut during, 0.99));
    note("requests during", "", during.len() as f64);
    note("compiled for at least", "s", ended.unwrap_or_else(|| begun.elapsed()).as_secs_f64());
    note("resident memory of the compiler, at most", "MiB", child_bytes as f64 / 1_048_576.0);
    note("resident memory of the server", "MiB", dormouse.platform.resident_bytes() as f64 / 1_048_576.0);
    Ok(())
}

/// Reads the function from the API; in milliseconds.
async fn read(owner: &Actor, hello: &Workload) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let answer = owner.get(&format!("/functions/{}", hello.path)).await;
    anyhow::ensure!(answer.status().is_success(), "the API answered {}", answer.status());
    Ok(begun.elapsed().as_secs_f64() * 1e3)
}

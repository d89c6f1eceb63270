//! `make bench`: how fast the hello function answers through the real server, beside a plain axum server.
//!
//! Both servers run in turns on one core and the load generator, `wrk`, on another, so that their figures
//! compare within one run on any machine. A command, never a test: nothing fails for being slow.
#![allow(clippy::print_stdout, reason = "the table is what the command is for")]

mod plain;
mod report;
mod wrk;

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::Context as _;
use harness::{Platform, guest};

use crate::{
    report::Report,
    wrk::{Figures, Load},
};

/// The argument that makes this program the plain server.
const PLAIN: &str = "plain";

/// How long the servers are warmed up, and how long each run takes.
const WARM_UP: Duration = Duration::from_secs(2);
const RUN: Duration = Duration::from_secs(5);

/// Runs of each server; the table shows the median.
const RUNS: usize = 3;

/// Where the servers run, and where the load comes from.
const SERVER_CORE: usize = 0;
const LOAD_CORE: usize = 1;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    if std::env::args().nth(1).as_deref() == Some(PLAIN) {
        return plain::serve().await;
    }
    // Children start where this process is, and size their thread pools by it.
    pin_to(SERVER_CORE)?;
    let plain = Plain::start()?;
    let platform = Platform::start().await;
    let project = platform.project("bench").with_owner("ada").create().await;
    project.acting_as("ada").publish("hello", guest("hello")).await;
    let data = format!("http://127.0.0.1:{}", platform.data_port());

    let axum = Load { url: format!("{}/hello/", plain.address), host: None, process: plain.child.id() };
    let dormouse = Load { url: format!("{data}/hello/"), host: Some(project.host()), process: platform.ready().pid };
    let (mut axum_runs, mut dormouse_runs) = (Vec::new(), Vec::new());
    for load in [&axum, &dormouse] {
        load.run(LOAD_CORE, WARM_UP).await?;
    }
    for _ in 0..RUNS {
        axum_runs.push(axum.run(LOAD_CORE, RUN).await?);
        dormouse_runs.push(dormouse.run(LOAD_CORE, RUN).await?);
    }
    let report = Report {
        axum: Figures::median(axum_runs).context("no run of axum")?,
        dormouse: Figures::median(dormouse_runs).context("no run of dormouse")?,
        resident_bytes: platform.resident_bytes(),
    };
    println!("{report}");
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

/// The plain server as a child of this process.
struct Plain {
    child: Child,
    address: String,
}

impl Plain {
    fn start() -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?).arg(PLAIN).stdout(Stdio::piped()).spawn()?;
        let mut address = String::new();
        let output = child.stdout.take().context("the plain server has no output")?;
        BufReader::new(output).read_line(&mut address)?;
        Ok(Self { child, address: address.trim().to_owned() })
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        // It fails only where the server is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keeps this process, its threads and its children to one core.
fn pin_to(core: usize) -> anyhow::Result<()> {
    let process = std::process::id().to_string();
    let status = Command::new("taskset")
        .args(["--all-tasks", "--cpu-list", "--pid", &core.to_string(), &process])
        .stdout(Stdio::null())
        .status()
        .context("cannot run taskset (of util-linux)")?;
    anyhow::ensure!(status.success(), "taskset cannot pin to core {core}; two cores are needed");
    Ok(())
}

//! How servers begin: from the start of the process to the first answer, the first request, and from a
//! component that nobody saw before to its first answer.
//!
//! Each beginning is one process on the servers' core, and each figure is the median of some.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use serde_json::json;

use crate::{
    cores::{Cores, Place},
    dormouse::{Dormouse, functions_at, publish},
    options::Pace,
    peers::{Peers, guest_path, listening},
    process,
    record::{Record, StartRatios, StartRecord, middle},
    server::{Kind, Running, Server},
    stage::control_command,
    workload::Workload,
};

/// Measures beginnings.
pub(crate) struct Starts<'a> {
    pub(crate) cores: Cores,
    pub(crate) pace: Pace,
    pub(crate) peers: Option<&'a Peers>,
    /// A folder for what is kept from one start to the next.
    pub(crate) scratch: &'a Path,
}

/// One start, in milliseconds and bytes.
struct Start {
    start_ms: f64,
    cold_ms: f64,
    idle_bytes: f64,
}

impl Starts<'_> {
    /// Measures how each server begins with `workload`.
    ///
    /// # Errors
    ///
    /// If the plain server does not start.
    pub(crate) async fn run(&self, record: &mut Record, workload: &Workload) -> anyhow::Result<()> {
        eprintln!("{}: beginnings", workload.name);
        let mut axum = Vec::new();
        for _ in 0..self.pace.runs {
            self.cores.move_to(Place::Server)?;
            let path = workload.control;
            axum.push(first_answer(control_command()?, Kind::Axum, workload, Some(path.to_owned()), None).await?);
        }
        note(record, workload, Kind::Axum, &axum, None);
        match self.dormouse(workload).await {
            Ok((starts, published)) => note(record, workload, Kind::Dormouse, &starts, Some(&published)),
            Err(error) => record.miss(workload.name, Kind::Dormouse, &error),
        }
        for kind in [Kind::Wasmtime, Kind::Workerd] {
            match self.peer(workload, kind).await {
                Ok(None) => {}
                Ok(Some((starts, published))) => note(record, workload, kind, &starts, Some(&published)),
                Err(error) => record.miss(workload.name, kind, &error),
            }
        }
        self.cores.move_to(Place::Load)
    }

    /// Publishes on a platform that never compiled anything, then ends it and starts it on the same data.
    async fn dormouse(&self, workload: &Workload) -> anyhow::Result<(Vec<Start>, Vec<f64>)> {
        let component = std::fs::read(guest_path(workload.guest)?)?;
        let (mut starts, mut published) = (Vec::new(), Vec::new());
        for _ in 0..self.pace.runs {
            let dormouse = Dormouse::start(self.cores, Place::Server).await?;
            let owner = dormouse.owner();
            let server = dormouse.server(Kind::Dormouse, workload.path);
            let begun = Instant::now();
            publish(&owner, workload.path, &component, &json!({})).await?;
            server.until_first_success(workload).await?;
            published.push(milliseconds(begun));
            dormouse.platform.terminate().await;
            let mut command = harness::command();
            command.args(["serve", "--control-listen", "127.0.0.1:0", "--data-listen", "127.0.0.1:0", "--data-dir"]);
            command.arg(dormouse.platform.data_dir()).current_dir(dormouse.platform.stage());
            self.cores.move_to(Place::Server)?;
            let (kind, path) = (Kind::Dormouse, server.path.clone());
            starts.push(first_answer(command, kind, workload, path, server.host.clone()).await?);
        }
        Ok((starts, published))
    }

    /// Starts a peer on an empty cache, which is its way to publish, and then on what it kept there.
    async fn peer(&self, workload: &Workload, kind: Kind) -> anyhow::Result<Option<(Vec<Start>, Vec<f64>)>> {
        let (mut starts, mut published) = (Vec::new(), Vec::new());
        self.cores.move_to(Place::Server)?;
        for run in 0..self.pace.runs {
            let cache: PathBuf = self.scratch.join(format!("{}-{run}", workload.name));
            let Some(peers) = self.peers else { return Ok(None) };
            let (first, second) = (peers.command(kind, workload, &cache)?, peers.command(kind, workload, &cache)?);
            let Some((first, second)) = first.zip(second) else { return Ok(None) };
            published.push(first_answer(first, kind, workload, None, None).await?.start_ms);
            starts.push(first_answer(second, kind, workload, None, None).await?);
        }
        Ok(Some((starts, published)))
    }
}

/// Starts a server, asks it once, and ends it.
async fn first_answer(
    command: Command,
    kind: Kind,
    workload: &Workload,
    path: Option<String>,
    host: Option<String>,
) -> anyhow::Result<Start> {
    let begun = Instant::now();
    let find = if kind == Kind::Dormouse { functions_at } else { listening };
    let running = Running::start(command, find)?;
    let listening = Instant::now();
    let server = Server { path, host, ..running.server(kind) };
    server.until_first_success(workload).await?;
    let (start_ms, cold_ms) = (milliseconds(begun), milliseconds(listening));
    Ok(Start { start_ms, cold_ms, idle_bytes: process::resident_bytes(running.pid())? as f64 })
}

fn note(record: &mut Record, workload: &Workload, server: Kind, starts: &[Start], published: Option<&[f64]>) {
    let median = |figure: fn(&Start) -> f64| middle(&starts.iter().map(figure).collect::<Vec<_>>());
    let (start_ms, cold_ms) = (median(|start| start.start_ms), median(|start| start.cold_ms));
    let axum = record.starts.iter().find(|start| (start.workload, start.server) == (workload.name, Kind::Axum));
    let of_axum = axum.map(|axum| StartRatios { start: start_ms / axum.start_ms, cold: cold_ms / axum.cold_ms });
    record.starts.push(StartRecord {
        workload: workload.name,
        server,
        start_ms,
        cold_ms,
        publish_ms: published.map(middle),
        idle_bytes: median(|start| start.idle_bytes),
        of_axum,
    });
}

fn milliseconds(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e3
}

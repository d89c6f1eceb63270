//! `make bench`: how fast functions answer through the real server, beside a plain axum server and beside
//! what users would pick instead, in one run.
//!
//! All servers of a workload run in turns on one core and the load generator, `wrk`, on another, so that their
//! figures compare within one run on any machine. A command, never a test: nothing fails for being slow.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the tables are what the command is for")]

mod control;
mod cores;
mod dormouse;
mod measure;
mod options;
mod peers;
mod process;
mod record;
mod scenario_compile;
mod scenario_consume;
mod scenario_many;
mod scenario_neighbour;
mod scenario_queue;
mod scenario_websocket;
mod server;
mod socket;
mod stage;
mod starts;
mod table;
mod targets;
mod work;
mod workload;
mod wrk;

use clap::Parser as _;
use tokio::runtime::Builder;

use crate::{
    cores::{Cores, Place},
    dormouse::Dormouse,
    measure::Rounds,
    options::{Options, Part},
    peers::Peers,
    record::Record,
    server::Kind,
    stage::{CONTROL, Stage},
    starts::Starts,
    table::Tables,
    workload::Workload,
};

fn main() -> anyhow::Result<()> {
    if std::env::args().nth(1).as_deref() == Some(CONTROL) {
        return Builder::new_multi_thread().enable_all().build()?.block_on(control::serve());
    }
    // One thread, which moves from core to core and takes along what it starts.
    Builder::new_current_thread().enable_all().build()?.block_on(bench(&Options::parse()))
}

async fn bench(options: &Options) -> anyhow::Result<()> {
    let cores = Cores::find()?;
    eprintln!("measuring {}", harness::binary().display());
    let mut record = Record::default();
    let peers = options.has(Part::Peers).then(Peers::find);
    for name in peers.iter().flat_map(Peers::missing) {
        record.missing.push(format!("{name} is not installed; tests/bench/peers.sh says why"));
    }
    let workloads = options.workloads();
    if !workloads.is_empty() {
        measure(options, cores, peers.clone(), &workloads, &mut record).await?;
    }
    if let Some(hello) = workloads.iter().find(|workload| workload.name == "hello") {
        on_both_cores(options, cores, peers.as_ref(), hello, &mut record).await?;
    }
    if options.has(Part::Start) {
        let scratch = tempfile::tempdir()?;
        let starts = Starts { cores, pace: options.pace(), peers: peers.as_ref(), scratch: scratch.path() };
        for workload in ["hello", "heavy"].into_iter().filter_map(workload::workload) {
            starts.run(&mut record, &workload).await?;
        }
    }
    // Beside workerd also where only this part is asked for.
    let peers_for_sockets = options.has(Part::Websocket).then(Peers::find);
    let Some(hello) = workload::workload("hello") else { anyhow::bail!("there is no workload hello") };
    if options.has(Part::Neighbour) {
        scenario_neighbour::run(cores, options.pace(), &mut record, &hello).await?;
    }
    if options.has(Part::Many) {
        scenario_many::run(cores, options.pace(), &mut record, &hello).await?;
    }
    if options.has(Part::Queue) {
        scenario_queue::run(cores, options.pace(), &mut record).await?;
    }
    if options.has(Part::Queue) || options.has(Part::Consume) {
        scenario_consume::run(cores, options.pace(), &mut record).await?;
    }
    if options.has(Part::Websocket) {
        scenario_websocket::run(cores, options.pace(), peers_for_sockets.as_ref(), &hello, &mut record).await?;
    }
    if options.has(Part::Compile) {
        scenario_compile::run(cores, &mut record, &hello).await?;
    }
    report(options, &record)
}

/// Every workload with the servers on one core.
async fn measure(
    options: &Options,
    cores: Cores,
    peers: Option<Peers>,
    workloads: &[Workload],
    record: &mut Record,
) -> anyhow::Result<()> {
    let stage = Stage::set(cores, peers).await?;
    let rounds = Rounds { cores, pace: options.pace(), connections: &options.connections, from: Place::Load };
    for workload in workloads {
        let cast = stage.cast(record, workload).await?;
        rounds.run(record, workload, &cast.servers).await?;
    }
    Ok(())
}

/// The hello function once more, with servers and load on both cores.
async fn on_both_cores(
    options: &Options,
    cores: Cores,
    peers: Option<&Peers>,
    hello: &Workload,
    record: &mut Record,
) -> anyhow::Result<()> {
    let dormouse = Dormouse::start(cores, Place::Both).await?;
    cores.move_to(Place::Both)?;
    let control = stage::control()?;
    let mut servers = vec![stage::plain(&control, hello), dormouse.serve(hello, Kind::Dormouse).await?];
    let peer = peers.map(|peers| peers.start(Kind::Wasmtime, hello, &dormouse.platform.stage())).transpose()?.flatten();
    servers.extend(peer.as_ref().map(|peer| peer.server(Kind::Wasmtime)));
    let rounds = Rounds { cores, pace: options.pace(), connections: &[16], from: Place::Both };
    rounds.run(record, hello, &servers).await
}

fn report(options: &Options, record: &Record) -> anyhow::Result<()> {
    let targets = targets::targets(record);
    println!("{}", Tables { record, targets: &targets });
    let lines = record.lines(&targets)?.join("\n") + "\n";
    match &options.json {
        Some(file) => std::fs::write(file, lines)?,
        None => print!("{lines}"),
    }
    Ok(())
}

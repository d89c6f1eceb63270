//! The command line.

use std::{path::PathBuf, time::Duration};

use clap::{Parser, ValueEnum};

use crate::workload::{WORKLOADS, Workload};

/// Measures Dormouse beside a plain axum server and beside what users would pick instead.
///
/// Without parts it measures everything, peers too. With parts only those: workloads without the peers,
/// unless `peers` is one of the parts. `DORMOUSE_BIN` names another binary than the one beside this program.
#[derive(Debug, Parser)]
#[command(name = "bench")]
pub(crate) struct Options {
    /// What to measure.
    parts: Vec<Part>,
    /// One short run of each measurement: for work on one figure.
    #[arg(long)]
    quick: bool,
    /// Runs of each measurement; the tables show medians.
    #[arg(long)]
    runs: Option<usize>,
    /// Seconds of one run.
    #[arg(long)]
    seconds: Option<u64>,
    /// Connections that are busy at once, such as 1,16,64.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    pub(crate) connections: Vec<u32>,
    /// Writes the JSON lines into this file instead of standard output.
    #[arg(long)]
    pub(crate) json: Option<PathBuf>,
}

/// A part of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The smallest guest of WASI 0.2.
    Hello,
    /// The same with the framework that most guests in Rust use.
    Wstd,
    /// The same as a guest of WASI 0.3.
    Hello3,
    /// That one by way of the crate `http`.
    Compat3,
    /// A greeting after about 40 ms of set-up.
    Heavy,
    /// 1 ms of CPU.
    Cpu,
    /// An echo of 1 MiB.
    Echo,
    /// The same as `hello` in JavaScript.
    Javascript,
    /// The peers beside the workloads; all workloads where none is named.
    Peers,
    /// Starts, publishing, first requests and memory at rest.
    Start,
    /// Ten thousand published functions.
    Many,
    /// A busy neighbour on every core.
    Neighbour,
    /// Sends to queues, full queues beside short ones, and what `consume` measures.
    Queue,
    /// Messages of queues through a guest, with and without poison among them.
    Consume,
    /// Echoes over WebSockets, ten thousand of them asleep, and a message to all.
    Websocket,
    /// The API while a component is compiled that takes long.
    Compile,
}

/// How each load is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) runs: usize,
    pub(crate) run: Duration,
    pub(crate) warm_up: Duration,
}

impl Options {
    pub(crate) fn pace(&self) -> Pace {
        let (runs, seconds) = if self.quick { (1, 1) } else { (3, 2) };
        Pace {
            runs: self.runs.unwrap_or(runs).max(1),
            run: Duration::from_secs(self.seconds.unwrap_or(seconds).max(1)),
            warm_up: Duration::from_secs(1),
        }
    }

    /// Whether to measure a part that is no workload.
    pub(crate) fn has(&self, part: Part) -> bool {
        self.parts.is_empty() || self.parts.contains(&part)
    }

    /// The workloads to measure.
    pub(crate) fn workloads(&self) -> Vec<Workload> {
        let named = |workload: &Workload| self.parts.iter().any(|part| part.name().as_deref() == Some(workload.name));
        let some = WORKLOADS.iter().any(named);
        let all = self.has(Part::Peers);
        WORKLOADS.into_iter().filter(|workload| if some { named(workload) } else { all }).collect()
    }
}

impl Part {
    fn name(self) -> Option<String> {
        self.to_possible_value().map(|value| value.get_name().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workloads(arguments: &[&str]) -> Vec<&'static str> {
        let options = Options::parse_from([&["bench"], arguments].concat());
        options.workloads().iter().map(|workload| workload.name).collect()
    }

    #[test]
    fn parts_choose_workloads() {
        assert_eq!(workloads(&[]).len(), WORKLOADS.len());
        assert_eq!(workloads(&["hello", "echo", "--quick"]), ["hello", "echo"]);
        assert_eq!(workloads(&["peers"]).len(), WORKLOADS.len());
        assert_eq!(workloads(&["peers", "cpu"]), ["cpu"]);
        assert_eq!(workloads(&["start"]), Vec::<&str>::new());
    }
}

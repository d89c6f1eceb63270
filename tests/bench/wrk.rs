//! Runs `wrk` and reads its figures.

use std::time::Duration;

use anyhow::Context as _;
use serde::Serialize;
use tokio::process::Command;

use crate::{
    cores::{Cores, Place},
    process,
    server::Server,
    workload::{Method, Workload},
};

/// Sends the requests of a workload over some connections, each busy all the time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) cores: Cores,
    /// Where the requests come from.
    pub(crate) from: Place,
    pub(crate) connections: u32,
}

/// What one run measured, or the medians of some runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Figures {
    pub(crate) requests_per_s: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    /// CPU time of the server for each request: what other work on the machine disturbs least.
    pub(crate) cpu_us: f64,
    /// The most resident memory of the server under this load.
    pub(crate) resident_bytes: f64,
    /// Requests without an answer, or with another status than 2xx or 3xx. The other figures mean nothing
    /// where there are any.
    pub(crate) failed: f64,
}

impl Load {
    /// Sends requests for `duration`, in whole seconds.
    ///
    /// # Errors
    ///
    /// If `wrk` is missing, or the server has gone.
    pub(crate) async fn run(
        &self,
        server: &Server,
        workload: &Workload,
        duration: Duration,
    ) -> anyhow::Result<Figures> {
        // Longer than the slowest peer takes for a request, whose time should show and not that it took too long.
        const PATIENCE: &str = "60s";
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", &self.cores.list(self.from), "wrk", "--latency", "--threads", "1"]);
        command.args(["--timeout", PATIENCE, "--connections", &self.connections.to_string()]);
        command.args(["--duration", &format!("{}s", duration.as_secs())]);
        if let Some(host) = &server.host {
            command.args(["--header", &format!("Host: {host}")]);
        }
        if workload.method == Method::Post {
            command.arg("--script").arg(harness::repository().join("tests/bench/post.lua"));
        }
        process::forget_peak(server.pid)?;
        let before = process::cpu_us(server.pid)?;
        let output = command.arg(server.url(workload)).output().await.context("cannot run taskset and wrk")?;
        let cpu_us = process::cpu_us(server.pid)? - before;
        let text = String::from_utf8_lossy(&output.stdout);
        anyhow::ensure!(output.status.success(), "wrk failed: {text}{}", String::from_utf8_lossy(&output.stderr));
        let read = Figures::read(&text, cpu_us, process::peak_resident_bytes(server.pid)?);
        read.with_context(|| format!("wrk wrote something else:\n{text}"))
    }
}

impl Figures {
    /// Reads what `wrk` wrote about a run for which the server took `cpu_us` of CPU time.
    fn read(text: &str, cpu_us: f64, resident_bytes: u64) -> Option<Self> {
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.trim().strip_prefix(name))?;
            Some(line.trim().to_owned())
        };
        Some(Self {
            requests_per_s: field("Requests/sec:")?.parse().ok()?,
            p50_us: microseconds(&field("50%")?)?,
            p99_us: microseconds(&field("99%")?)?,
            cpu_us: cpu_us / requests(text)?.max(1.0),
            resident_bytes: resident_bytes as f64,
            failed: failed(&field("Socket errors:").unwrap_or_default(), &field("Non-2xx or 3xx responses:")),
        })
    }

    /// The median of each figure; failures are added up.
    pub(crate) fn median(runs: &[Self]) -> Option<Self> {
        let middle = |figure: fn(&Self) -> f64| median(runs.iter().map(figure).collect());
        Some(Self {
            requests_per_s: middle(|run| run.requests_per_s)?,
            p50_us: middle(|run| run.p50_us)?,
            p99_us: middle(|run| run.p99_us)?,
            cpu_us: middle(|run| run.cpu_us)?,
            resident_bytes: runs.iter().map(|run| run.resident_bytes).fold(0.0, f64::max),
            failed: runs.iter().map(|run| run.failed).sum(),
        })
    }
}

/// The value in the middle; `None` where there is none.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Reads the number in the line `500 requests in 1.00s, 1.00MB read`.
fn requests(text: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.contains(" requests in "))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Adds up `connect 0, read 1, write 0, timeout 2` and the answers of other statuses.
fn failed(socket: &str, status: &Option<String>) -> f64 {
    let numbers = socket.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse::<f64>().ok());
    numbers.sum::<f64>() + status.as_deref().and_then(|count| count.parse::<f64>().ok()).unwrap_or(0.0)
}

/// Reads a time such as `120.50us`, `1.20ms`, `2.00s` or `1.50m`.
fn microseconds(text: &str) -> Option<f64> {
    let units = [("us", 1.0), ("ms", 1e3), ("s", 1e6), ("m", 60e6)];
    units.into_iter().find_map(|(unit, factor)| Some(text.strip_suffix(unit)?.parse::<f64>().ok()? * factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_from_what_wrk_writes() {
        let text = "  Latency Distribution\n     50%  120.00us\n     75%  150.00us\n     90%  180.00us\n     \
                    99%    1.20ms\n  500 requests in 1.00s, 1.00MB read\n  \
                    Socket errors: connect 0, read 1, write 0, timeout 2\n  Non-2xx or 3xx responses: 4\n\
                    Requests/sec:  98765.43\n";
        let read = Figures {
            requests_per_s: 98_765.43,
            p50_us: 120.0,
            p99_us: 1_200.0,
            cpu_us: 20.0,
            resident_bytes: 4_096.0,
            failed: 7.0,
        };
        assert_eq!(Figures::read(text, 10_000.0, 4_096), Some(read));
        assert_eq!(Figures::read("unable to connect", 0.0, 0), None);
    }

    #[test]
    fn each_figure_has_its_own_median() {
        let run = |requests_per_s, p50_us| Figures {
            requests_per_s,
            p50_us,
            p99_us: 9.0,
            cpu_us: 5.0,
            resident_bytes: p50_us,
            failed: 1.0,
        };
        let median = Figures::median(&[run(1.0, 30.0), run(3.0, 20.0), run(2.0, 10.0)]).unwrap();
        assert_eq!((median.requests_per_s, median.p50_us), (2.0, 20.0));
        assert_eq!((median.resident_bytes, median.failed), (30.0, 3.0));
        assert_eq!(Figures::median(&[]), None);
    }
}

//! Runs `wrk` and reads its figures.

use std::time::Duration;

use anyhow::Context as _;
use serde::Serialize;
use tokio::process::Command;

/// Connections that are open and busy at once.
const CONNECTIONS: u32 = 16;

/// A clock tick (`USER_HZ` is 100 on Linux).
const TICK_US: f64 = 10_000.0;

/// Requests to one server.
pub(crate) struct Load {
    pub(crate) url: String,
    pub(crate) host: Option<String>,
    /// The server's process.
    pub(crate) process: u32,
}

/// What one run measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Figures {
    pub(crate) requests_per_s: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    /// CPU time of the server for each request: what other work on the machine disturbs least.
    pub(crate) cpu_us: f64,
}

impl Load {
    /// Sends requests for as long as told, from `core`.
    ///
    /// # Errors
    ///
    /// If `wrk` is missing, or any answer is not a success: such figures would mean nothing.
    pub(crate) async fn run(&self, core: usize, duration: Duration) -> anyhow::Result<Figures> {
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", &core.to_string(), "wrk", "--latency", "--threads", "1"]);
        command.args(["--connections", &CONNECTIONS.to_string(), "--duration", &format!("{}s", duration.as_secs())]);
        if let Some(host) = &self.host {
            command.args(["--header", &format!("Host: {host}")]);
        }
        let before = cpu_ticks(self.process)?;
        let output = command.arg(&self.url).output().await.context("cannot run taskset and wrk")?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        anyhow::ensure!(output.status.success(), "wrk failed: {text}{}", String::from_utf8_lossy(&output.stderr));
        anyhow::ensure!(!text.contains("Non-2xx") && !text.contains("Socket errors"), "answers failed:\n{text}");
        let cpu_us = (cpu_ticks(self.process)? - before) * TICK_US;
        Figures::read(&text, cpu_us).with_context(|| format!("wrk wrote something else:\n{text}"))
    }
}

impl Figures {
    /// Reads what `wrk` wrote about a run for which the server took `cpu_us` of CPU time.
    fn read(text: &str, cpu_us: f64) -> Option<Self> {
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.trim().strip_prefix(name))?;
            Some(line.trim().to_owned())
        };
        Some(Self {
            requests_per_s: field("Requests/sec:")?.parse().ok()?,
            p50_us: microseconds(&field("50%")?)?,
            p99_us: microseconds(&field("99%")?)?,
            cpu_us: cpu_us / requests(text)?,
        })
    }

    /// The run in the middle, by requests per second.
    pub(crate) fn median(mut runs: Vec<Self>) -> Option<Self> {
        runs.sort_by(|a, b| a.requests_per_s.total_cmp(&b.requests_per_s));
        runs.get(runs.len() / 2).copied()
    }
}

/// Reads the number in the line `500 requests in 1.00s, 1.00MB read`.
fn requests(text: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.contains(" requests in "))?;
    line.split_whitespace().next()?.parse().ok()
}

/// CPU time of a process so far in clock ticks: fields 14 and 15 of its `stat`, whose second one, the
/// name in brackets, may hold blanks.
fn cpu_ticks(process: u32) -> anyhow::Result<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).context("the server is gone")?;
    let fields = text.rsplit_once(')').context("a stat file of another shape")?.1.split_whitespace();
    Ok(fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum())
}

/// Reads a time such as `120.50us`, `1.20ms` or `2.00s`.
fn microseconds(text: &str) -> Option<f64> {
    let units = [("us", 1.0), ("ms", 1_000.0), ("s", 1_000_000.0)];
    units.into_iter().find_map(|(unit, factor)| Some(text.strip_suffix(unit)?.parse::<f64>().ok()? * factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_from_what_wrk_writes() {
        let text = "  Latency Distribution\n     50%  120.00us\n     75%  150.00us\n     90%  180.00us\n     \
                    99%    1.20ms\n  500 requests in 1.00s, 1.00MB read\nRequests/sec:  98765.43\n";
        let read = Figures { requests_per_s: 98_765.43, p50_us: 120.0, p99_us: 1_200.0, cpu_us: 20.0 };
        assert_eq!(Figures::read(text, 10_000.0), Some(read));
        assert_eq!(Figures::read("unable to connect", 0.0), None);
    }
}

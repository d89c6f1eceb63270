//! What was measured, and each of it as one line of JSON.

use serde::Serialize;

use crate::{
    server::Kind,
    wrk::{Figures, median},
};

/// Everything that one benchmark measured.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) loads: Vec<LoadRecord>,
    pub(crate) starts: Vec<StartRecord>,
    pub(crate) facts: Vec<Fact>,
    /// What was to be measured and could not be, with the reason.
    pub(crate) missing: Vec<String>,
}

/// One server under one load.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LoadRecord {
    pub(crate) workload: &'static str,
    pub(crate) server: Kind,
    pub(crate) connections: u32,
    /// Whether server and load each have a core; else both have both.
    pub(crate) pinned: bool,
    #[serde(flatten)]
    pub(crate) figures: Figures,
    /// The ratios to the plain server under the same load, in the same run.
    pub(crate) of_axum: Option<Ratios>,
}

/// Figures as multiples of others.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Ratios {
    pub(crate) requests_per_s: f64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) cpu: f64,
}

/// How a server begins. Times are in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct StartRecord {
    pub(crate) workload: &'static str,
    pub(crate) server: Kind,
    /// From the start of the process to the end of its first answer, with everything prepared before.
    pub(crate) start_ms: f64,
    /// The first request to a server that has just begun to listen.
    pub(crate) cold_ms: f64,
    /// From a component that the server never saw to its first answer.
    pub(crate) publish_ms: Option<f64>,
    /// Resident memory after the first answer.
    pub(crate) idle_bytes: f64,
    /// The times as multiples of the plain server's.
    pub(crate) of_axum: Option<StartRatios>,
}

/// Times as multiples of others.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct StartRatios {
    pub(crate) start: f64,
    pub(crate) cold: f64,
}

/// One figure of a scenario.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Fact {
    pub(crate) scenario: &'static str,
    pub(crate) figure: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) value: f64,
}

/// One line of JSON.
#[derive(Serialize)]
#[serde(tag = "measured", rename_all = "kebab-case")]
pub(crate) enum Line<'a> {
    Load(&'a LoadRecord),
    Start(&'a StartRecord),
    Scenario(&'a Fact),
    Target(&'a crate::targets::Target),
    Missing { what: &'a str },
}

impl Record {
    /// Notes that `server` cannot be measured with `workload`.
    pub(crate) fn miss(&mut self, workload: &str, server: Kind, why: &anyhow::Error) {
        let what = format!("{workload}, {}: {why:#}", server.title());
        eprintln!("not measured: {what}");
        self.missing.push(what);
    }

    /// The figures of one server under one load, both pinned.
    pub(crate) fn figures(&self, workload: &str, server: Kind, connections: u32) -> Option<&Figures> {
        self.load(workload, server, connections, true)
    }

    /// The figures of one server under one load.
    pub(crate) fn load(&self, workload: &str, server: Kind, connections: u32, pinned: bool) -> Option<&Figures> {
        let found = self.loads.iter().find(|load| {
            (load.workload, load.server, load.connections, load.pinned) == (workload, server, connections, pinned)
        });
        found.map(|load| &load.figures)
    }

    /// The value of a scenario's figure.
    pub(crate) fn fact(&self, scenario: &str, figure: &str) -> Option<f64> {
        let found = self.facts.iter().find(|fact| (fact.scenario, fact.figure) == (scenario, figure));
        found.map(|fact| fact.value)
    }

    /// Every measurement as a line, in the order in which it was made.
    pub(crate) fn lines(&self, targets: &[crate::targets::Target]) -> serde_json::Result<Vec<String>> {
        let loads = self.loads.iter().map(Line::Load);
        let starts = self.starts.iter().map(Line::Start);
        let facts = self.facts.iter().map(Line::Scenario);
        let targets = targets.iter().map(Line::Target);
        let missing = self.missing.iter().map(|what| Line::Missing { what });
        let lines = loads.chain(starts).chain(facts).chain(targets).chain(missing);
        lines.map(|line| serde_json::to_string(&line)).collect()
    }
}

impl Ratios {
    /// `figures` as multiples of `base`.
    pub(crate) fn of(figures: &Figures, base: &Figures) -> Self {
        Self {
            requests_per_s: figures.requests_per_s / base.requests_per_s,
            p50: figures.p50_us / base.p50_us,
            p99: figures.p99_us / base.p99_us,
            cpu: figures.cpu_us / base.cpu_us,
        }
    }
}

/// The value below which `share` of `values` lie; 0 where there are none.
pub(crate) fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (values.len() as f64 * share).ceil() as usize;
    values.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// The median of some times; 0 where there are none.
pub(crate) fn middle(values: &[f64]) -> f64 {
    median(values.to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let mut values: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!((percentile(&mut values, 0.5), percentile(&mut values, 0.99)), (100.0, 198.0));
        assert_eq!(percentile(&mut [], 0.99), 0.0);
    }
}

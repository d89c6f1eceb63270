//! What the platform must reach, and whether this run reached it.

use serde::Serialize;

use crate::{record::Record, scenario_consume, scenario_websocket::scenario_of, server::Kind, wrk::Figures};

/// One figure to reach. Missing it fails nothing.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Target {
    pub(crate) what: &'static str,
    #[serde(flatten)]
    pub(crate) bound: Bound,
    /// What was measured, if it was.
    pub(crate) value: Option<f64>,
    pub(crate) met: Option<bool>,
}

/// The side on which a figure must be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// Resident memory in these figures.
const MIB: f64 = 1_048_576.0;

/// Every target, in the order of the design.
pub(crate) fn targets(record: &Record) -> Vec<Target> {
    use Bound::{AtLeast, AtMost};
    use Kind::{Axum, Dormouse, DormouseReuse, Wasmtime, Workerd};
    let find = |workload, kind, connections| record.figures(workload, kind, connections);
    let rate = |workload, kind, other| {
        ratio(find(workload, kind, 16), find(workload, other, 16), |figures| figures.requests_per_s)
    };
    let p50 = |workload| ratio(find(workload, Dormouse, 1), find(workload, Axum, 1), |figures| figures.p50_us);
    let both_cores = ratio(record.load("hello", Dormouse, 16, false), find("hello", Dormouse, 16), |f| f.cpu_us);
    let spread = find("hello", Dormouse, 64).and_then(whole).map(|figures| figures.p99_us / figures.p50_us);
    vec![
        target("hello 0.2, 16 connections, requests/s of axum's", AtLeast(0.28), rate("hello", Dormouse, Axum)),
        target("the same, of wasmtime serve's", AtLeast(2.0), rate("hello", Dormouse, Wasmtime)),
        target("the same, of workerd's (isolate reused)", AtLeast(1.5), rate("hello", Dormouse, Workerd)),
        target("the same on both cores, CPU per request of pinned", AtMost(1.2), both_cores),
        target("hello 0.2, 1 connection, p50 of axum's", AtMost(1.4), p50("hello")),
        target("hello 0.2, 64 connections, p99 of own p50", AtMost(2.5), spread),
        target("heavy init, 1 connection, p50 of axum's", AtMost(1.6), p50("heavy")),
        target("hello, reuse on, 16 connections, of axum's", AtLeast(0.5), rate("hello", DormouseReuse, Axum)),
        target("hello 0.3, 16 connections, of axum's", AtLeast(0.2), rate("hello3", Dormouse, Axum)),
        target("1 MiB echo, 16 connections, of axum's", AtLeast(0.7), rate("echo", Dormouse, Axum)),
        target("1 ms of CPU, 16 connections, of axum's", AtLeast(0.85), rate("cpu", Dormouse, Axum)),
        target("resident memory idle, MiB", AtMost(60.0), idle_bytes(record).map(|bytes| bytes / MIB)),
        target("resident memory under these loads, MiB", AtMost(200.0), loaded_bytes(record).map(|bytes| bytes / MIB)),
        target(
            "first request of a cold function, p99 beyond warm, ms",
            AtMost(5.0),
            record.fact("many", "cold p99 beyond warm"),
        ),
        target(
            "healthy messages/s beside 10 % poison, of those alone",
            AtLeast(0.9),
            record.fact(scenario_consume::SCENARIO, scenario_consume::KEPT),
        ),
        target(
            "websocket echo, 1 connection, p50 beyond axum's, µs",
            AtMost(150.0),
            echo_p50(record, Dormouse).zip(echo_p50(record, Axum)).map(|(own, plain)| own - plain),
        ),
        target(
            "memory of a sleeping websocket, KiB",
            AtMost(12.0),
            record.fact("websocket", "memory of a sleeping connection"),
        ),
        target(
            "a message to a group of 10,000 websockets, ms",
            AtMost(500.0),
            record.fact("websocket", "a message to a group of 10,000 reaches all"),
        ),
        target(
            "hello beside spinning neighbours, p99 beyond own, ms",
            AtMost(5.0),
            record.fact("neighbour", "p99 beyond unloaded, both cores"),
        ),
    ]
}

fn target(what: &'static str, bound: Bound, value: Option<f64>) -> Target {
    let met = value.map(|value| match bound {
        Bound::AtLeast(least) => value >= least,
        Bound::AtMost(most) => value <= most,
    });
    Target { what, bound, value, met }
}

/// Figures that mean something: no request failed.
fn whole(figures: &Figures) -> Option<&Figures> {
    Some(figures).filter(|figures| figures.failed == 0.0)
}

fn ratio(of: Option<&Figures>, base: Option<&Figures>, figure: fn(&Figures) -> f64) -> Option<f64> {
    Some(figure(of.and_then(whole)?) / figure(base.and_then(whole)?))
}

fn echo_p50(record: &Record, kind: Kind) -> Option<f64> {
    record.fact(scenario_of(kind), "echo, 1 connection, p50")
}

fn idle_bytes(record: &Record) -> Option<f64> {
    let start = record.starts.iter().find(|start| (start.workload, start.server) == ("hello", Kind::Dormouse));
    start.map(|start| start.idle_bytes)
}

/// The most under the loads of this table: the one server ran them all, one after the other. A language's
/// whole runtime, and 64 bodies of 1 MiB at once, are beside them.
fn loaded_bytes(record: &Record) -> Option<f64> {
    let loads = record.loads.iter().filter(|load| load.server == Kind::Dormouse && load.pinned);
    let of_table =
        loads.filter(|load| load.workload != "javascript" && (load.workload, load.connections) != ("echo", 64));
    of_table.map(|load| load.figures.resident_bytes).reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_on_the_bound_is_met() {
        let met = |bound, value| target("it", bound, Some(value)).met;
        assert_eq!(met(Bound::AtLeast(0.5), 0.5), Some(true));
        assert_eq!(met(Bound::AtLeast(0.5), 0.49), Some(false));
        assert_eq!(met(Bound::AtMost(0.5), 0.5), Some(true));
        assert_eq!(met(Bound::AtMost(0.5), 0.51), Some(false));
        assert_eq!(target("it", Bound::AtMost(1.0), None).met, None);
    }

    #[test]
    fn nothing_measured_meets_nothing() {
        assert!(targets(&Record::default()).iter().all(|target| target.met.is_none()));
    }
}

//! The tables for people.

use std::fmt::{self, Display, Formatter};

use crate::{
    record::{LoadRecord, Record, StartRecord},
    targets::{Bound, Target},
    workload::workload,
};

const MIB: f64 = 1_048_576.0;

/// Everything that was measured.
pub(crate) struct Tables<'a> {
    pub(crate) record: &'a Record,
    pub(crate) targets: &'a [Target],
}

impl Display for Tables<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        loads(f, &self.record.loads)?;
        starts(f, &self.record.starts)?;
        facts(f, self.record)?;
        targets(f, self.targets)?;
        if !self.record.missing.is_empty() {
            writeln!(f, "\n*** NOT MEASURED ***")?;
        }
        self.record.missing.iter().try_for_each(|what| writeln!(f, "  {what}"))
    }
}

fn loads(f: &mut Formatter<'_>, loads: &[LoadRecord]) -> fmt::Result {
    let mut last = None;
    for load in loads {
        let heading = (load.workload, load.pinned);
        if last != Some(heading) {
            last = Some(heading);
            let title = workload(load.workload).map_or(load.workload, |workload| workload.title);
            let place = if load.pinned { "server on one core, load on the other" } else { "both on both cores" };
            writeln!(f, "\n{title}: {place}")?;
            writeln!(
                f,
                "{:<26}{:>5}{:>11}{:>9}{:>11}{:>9}{:>11}{:>9}{:>10}{:>9}",
                "", "conn", "requests/s", "of axum", "p50 us", "of axum", "p99 us", "of axum", "CPU us", "MiB"
            )?;
        }
        load_row(f, load)?;
    }
    Ok(())
}

fn load_row(f: &mut Formatter<'_>, load: &LoadRecord) -> fmt::Result {
    let figures = &load.figures;
    let ratio =
        |of: fn(&crate::record::Ratios) -> f64| load.of_axum.as_ref().map_or_else(String::new, |r| short(of(r)));
    write!(
        f,
        "{:<26}{:>5}{:>11.0}{:>9}",
        load.server.title(),
        load.connections,
        figures.requests_per_s,
        ratio(|r| r.requests_per_s)
    )?;
    write!(f, "{:>11.0}{:>9}{:>11.0}{:>9}", figures.p50_us, ratio(|r| r.p50), figures.p99_us, ratio(|r| r.p99))?;
    write!(f, "{:>10.1}{:>9.0}", figures.cpu_us, figures.resident_bytes / MIB)?;
    if figures.failed > 0.0 {
        write!(f, "  {} REQUESTS FAILED", figures.failed)?;
    }
    writeln!(f)
}

fn starts(f: &mut Formatter<'_>, starts: &[StartRecord]) -> fmt::Result {
    if starts.is_empty() {
        return Ok(());
    }
    writeln!(
        f,
        "\nbeginnings, in milliseconds: from the process's start to its first answer, of which the first request,"
    )?;
    writeln!(f, "and from an unseen component to its first answer; then memory at rest")?;
    writeln!(
        f,
        "{:<26}{:<12}{:>9}{:>9}{:>9}{:>9}{:>10}{:>8}",
        "", "", "start", "of axum", "first", "of axum", "publish", "MiB"
    )?;
    for start in starts {
        let ratio = |of: fn(&crate::record::StartRatios) -> f64| {
            start.of_axum.as_ref().map_or_else(String::new, |r| short(of(r)))
        };
        let publish = start.publish_ms.map_or_else(String::new, short);
        write!(
            f,
            "{:<26}{:<12}{:>9}{:>9}",
            start.server.title(),
            start.workload,
            short(start.start_ms),
            ratio(|r| r.start)
        )?;
        write!(f, "{:>9}{:>9}{publish:>10}", short(start.cold_ms), ratio(|r| r.cold))?;
        writeln!(f, "{:>8.0}", start.idle_bytes / MIB)?;
    }
    Ok(())
}

fn facts(f: &mut Formatter<'_>, record: &Record) -> fmt::Result {
    let mut last = "";
    for fact in &record.facts {
        if last != fact.scenario {
            last = fact.scenario;
            writeln!(f, "\nscenario {last}")?;
        }
        writeln!(f, "  {:<60}{:>12} {}", fact.figure, short(fact.value), fact.unit)?;
    }
    Ok(())
}

fn targets(f: &mut Formatter<'_>, targets: &[Target]) -> fmt::Result {
    writeln!(f, "\n{:<58}{:>9}{:>10}", "must hold", "target", "measured")?;
    for Target { what, bound, value, met } in targets {
        let bound = match bound {
            Bound::AtLeast(least) => format!(">= {least}"),
            Bound::AtMost(most) => format!("<= {most}"),
        };
        let value = value.map_or_else(|| "-".to_owned(), short);
        let verdict = match met {
            Some(true) => "met",
            Some(false) => "missed",
            None => "not measured",
        };
        writeln!(f, "{what:<58}{bound:>9}{value:>10}  {verdict}")?;
    }
    Ok(())
}

/// Three figures that matter, whatever the size.
fn short(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        small if small >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        assert_eq!([1234.5, 12.34, 1.234, 0.1234].map(short), ["1234", "12.3", "1.23", "0.123"]);
    }
}

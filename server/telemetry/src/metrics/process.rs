//! What the server itself takes of the machine, read from `/proc` when metrics are read.

use std::fs;

use opentelemetry::metrics::Meter;

use super::names;

/// A page's size on every machine that the platform is built for.
const PAGE_BYTES: i64 = 4_096;

/// Clock ticks a second in `/proc/self/stat` (`USER_HZ`, 100 on Linux).
const TICKS_PER_SECOND: f64 = 100.0;

/// Registers the process' instruments; where `/proc` is missing they have no values.
pub(super) fn observe(meter: &Meter) {
    meter
        .f64_observable_counter(names::PROCESS_CPU.name)
        .with_unit(names::PROCESS_CPU.unit)
        .with_description(names::PROCESS_CPU.description)
        .with_callback(|observer| {
            if let Some(seconds) = cpu_seconds() {
                observer.observe(seconds, &[]);
            }
        })
        .build();
    meter
        .i64_observable_up_down_counter(names::PROCESS_MEMORY.name)
        .with_unit(names::PROCESS_MEMORY.unit)
        .with_description(names::PROCESS_MEMORY.description)
        .with_callback(|observer| {
            if let Some(bytes) = resident_bytes() {
                observer.observe(bytes, &[]);
            }
        })
        .build();
}

/// Resident memory: the second field of `/proc/self/statm`, in pages.
fn resident_bytes() -> Option<i64> {
    let text = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: i64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * PAGE_BYTES)
}

/// CPU time in user and kernel mode: fields 14 and 15 of `/proc/self/stat`, whose second one, the name in
/// brackets, may hold blanks.
fn cpu_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    let ticks: f64 = rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    Some(ticks / TICKS_PER_SECOND)
}

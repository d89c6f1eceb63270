//! Sizes, durations, times and shares as people read them.

use domain::{Timestamp, WeightedVersion, version::Start};

/// A size, such as `68.2 KiB`.
pub(crate) fn bytes(count: u64) -> String {
    let mut value = count as f64;
    let mut unit = "B";
    for next in ["KiB", "MiB", "GiB"] {
        if value < 1_024.0 {
            break;
        }
        value /= 1_024.0;
        unit = next;
    }
    if unit == "B" { format!("{count} B") } else { format!("{value:.1} {unit}") }
}

/// A duration, such as `812 ms`.
pub(crate) fn duration(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..10_000 => format!("{:.1} ms", us as f64 / 1e3),
        10_000..1_000_000 => format!("{} ms", us / 1_000),
        _ => format!("{:.1} s", us as f64 / 1e6),
    }
}

/// What instances begin with, where a component has a say in it.
pub(crate) fn start(start: &Start) -> Option<String> {
    match start {
        Start::Plain => None,
        Start::Snapshot { init_us, memory_bytes } => {
            let (saved, held) = (duration(*init_us), bytes(*memory_bytes));
            Some(format!("starts from a snapshot: saves {saved} of init, holds {held}"))
        }
        Start::Fallback { reason } => Some(format!("starts without a snapshot: {reason}")),
    }
}

/// How long ago `then` was, such as `3 min ago`.
pub(crate) fn ago(now: Timestamp, then: Timestamp) -> String {
    let seconds = now.as_us().saturating_sub(then.as_us()) / 1_000_000;
    match seconds {
        ..5 => "just now".to_owned(),
        5..120 => format!("{seconds} s ago"),
        120..7_200 => format!("{} min ago", seconds / 60),
        7_200..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

/// How long it is until `then`, such as `in 90 days`.
pub(crate) fn until(now: Timestamp, then: Timestamp) -> String {
    let seconds = then.as_us().saturating_sub(now.as_us()) / 1_000_000;
    let rounded = |unit: i64| (seconds + unit / 2) / unit;
    match seconds {
        ..=0 => "over".to_owned(),
        1..120 => format!("in {seconds} s"),
        120..7_200 => format!("in {} min", rounded(60)),
        7_200..172_800 => format!("in {} h", rounded(3_600)),
        _ => format!("in {} days", rounded(86_400)),
    }
}

/// Versions with their shares, such as `v7 90 %, v8 10 %`; one version alone without its share.
pub(crate) fn shares(versions: &[WeightedVersion]) -> String {
    match versions {
        [only] => only.version.to_string(),
        several => {
            let each: Vec<String> = several.iter().map(|part| format!("{} {} %", part.version, part.weight)).collect();
            each.join(", ")
        }
    }
}

/// Reads a span of time such as `90d`, `12h`, `30m` or `45s`, in seconds.
pub(crate) fn parse_span(text: &str) -> Result<u32, String> {
    let wrong = || "write a number with its unit, such as 90d, 12h, 30m or 45s".to_owned();
    let units = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
    let (number, seconds) =
        units.into_iter().find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds))).ok_or_else(wrong)?;
    let number: u32 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(seconds).ok_or_else(|| "is longer than a hundred years".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!([bytes(0), bytes(1_023), bytes(69_837)], ["0 B", "1023 B", "68.2 KiB"]);
        assert_eq!([duration(90), duration(2_340), duration(812_000)], ["90 µs", "2.3 ms", "812 ms"]);
        assert_eq!(ago(Timestamp(200_000_000), Timestamp(0)), "3 min ago");
        assert_eq!(ago(Timestamp(0), Timestamp(9_000_000)), "just now");
        assert_eq!(until(Timestamp(0), Timestamp(0).plus_seconds(7_775_999)), "in 90 days");
    }

    #[test]
    fn spans_have_units() {
        assert_eq!(parse_span("90d"), Ok(7_776_000));
        assert_eq!(parse_span("45s"), Ok(45));
        for wrong in ["", "90", "d", "1w", "-1d", "999999d", "1dd", "é"] {
            assert!(parse_span(wrong).is_err(), "{wrong}");
        }
    }
}

//! Figures as people read them: sizes, durations, points in time.

use wasm_bindgen::JsValue;
use web_sys::js_sys::Date;
use wire::{Deployment, Timestamp, Trigger, WeightedVersion};

/// A size in bytes with a binary unit and three figures, such as `1.42 MiB`.
pub(crate) fn bytes(size: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if size < 1_024 {
        return format!("{size} B");
    }
    let mut value = size as f64 / 1_024.0;
    let mut units = UNITS.iter();
    let mut unit = units.next().copied().unwrap_or_default();
    while value >= 1_000.0 {
        let Some(larger) = units.next() else { break };
        value /= 1_024.0;
        unit = larger;
    }
    format!("{} {unit}", three_figures(value))
}

/// A duration in microseconds with the unit that suits it, such as `14 µs`, `3.2 ms` or `1.45 s`.
pub(crate) fn duration(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{} ms", three_figures(us as f64 / 1e3)),
        1_000_000..120_000_000 => format!("{} s", three_figures(us as f64 / 1e6)),
        _ => span((us / 1_000_000).try_into().unwrap_or(i64::MAX)),
    }
}

fn three_figures(value: f64) -> String {
    let places = match value {
        value if value < 10.0 => 2,
        value if value < 100.0 => 1,
        value => return decimal(value, 0),
    };
    decimal(value, places).trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A positive number with that many decimal places, of whole numbers alone: the library's own way of printing
/// fractions would be a noticeable part of the bundle.
pub(crate) fn decimal(value: f64, places: u32) -> String {
    let one = 10_u64.pow(places);
    let scaled = (value * one as f64).round() as u64;
    match places {
        0 => scaled.to_string(),
        _ => format!("{}.{:0width$}", scaled / one, scaled % one, width = places as usize),
    }
}

/// A span of whole seconds in its largest unit, such as `3 h`.
pub(crate) fn span(seconds: i64) -> String {
    let units = [(86_400 * 365, "y"), (86_400, "d"), (3_600, "h"), (60, "min")];
    match units.iter().find(|(size, _)| seconds >= *size) {
        Some((size, unit)) => format!("{} {unit}", seconds / size),
        None => format!("{seconds} s"),
    }
}

/// How far `at` is from `now_us`, such as `3 min ago` or `in 89 d`.
pub(crate) fn relative(at: Timestamp, now_us: i64) -> String {
    match (now_us - at.as_us()) / 1_000_000 {
        -4..=4 => "just now".to_owned(),
        past @ 5.. => format!("{} ago", span(past)),
        future => format!("in {}", span(-future)),
    }
}

/// The local date and time, such as `2026-11-21 06:45:09`.
pub(crate) fn absolute(at: Timestamp) -> String {
    let date = date(at);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes(),
        date.get_seconds()
    )
}

/// The local time of day, such as `06:45:09`.
pub(crate) fn clock(at: Timestamp) -> String {
    absolute(at).split_off("2026-11-21 ".len())
}

/// The date and time of UTC, such as `2026-11-21 05:45:09`.
pub(crate) fn utc(at: Timestamp) -> String {
    let text = machine(at).replacen('T', " ", 1);
    text.split('.').next().unwrap_or_default().to_owned()
}

/// The browser's time zone as it is now, such as `UTC+1` or `UTC-3:30`.
pub(crate) fn zone() -> String {
    offset(-(Date::new_0().get_timezone_offset() as i64))
}

/// An offset from UTC in minutes.
fn offset(minutes: i64) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    match (minutes.abs() / 60, minutes.abs() % 60) {
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// The date and time as machines read it (RFC 3339, UTC).
pub(crate) fn machine(at: Timestamp) -> String {
    date(at).to_iso_string().into()
}

fn date(at: Timestamp) -> Date {
    Date::new(&JsValue::from_f64(at.as_us() as f64 / 1_000.0))
}

/// A limit's figure with its unit, such as `128 MiB`, `30 s` or `1 MiB`.
pub(crate) fn figure(unit: &str, value: u64) -> String {
    match unit {
        "ms" => duration(value * 1_000),
        "bytes" => bytes(value),
        "" => value.to_string(),
        unit => format!("{value} {unit}"),
    }
}

/// A count with its thousands apart, such as `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A large count with its noun, such as `1 message` or `12,000 messages`.
pub(crate) fn count_of(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// A count with its noun, such as `1 trigger` or `2 triggers`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// The versions of a deployment, such as `v7` or `v7 90 % · v6 10 %`.
pub(crate) fn split(versions: &[WeightedVersion]) -> String {
    match versions {
        [only] => only.version.to_string(),
        several => {
            let parts: Vec<_> = several.iter().map(|part| format!("{} {} %", part.version, part.weight)).collect();
            parts.join(" · ")
        }
    }
}

/// A trigger in a few words, such as `GET /users/{id}`.
pub(crate) fn trigger(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Http(http) => {
            let host = http.host.as_deref().unwrap_or_default();
            let place = format!("{host}{}", http.path.as_str());
            if http.methods.is_empty() { place } else { format!("{} {place}", http.methods.join(", ")) }
        }
        Trigger::Queue(queue) => format!("queue {}", queue.queue),
        Trigger::Cron(cron) => format!("{} {}", cron.schedule, cron.timezone),
        Trigger::WebSocket(websocket) => {
            format!("websocket {}{}", websocket.host.as_deref().unwrap_or_default(), websocket.path.as_str())
        }
    }
}

/// The first of a deployment's addresses that can be opened as it stands: without parameters, or
/// with a wildcard at its end, which may be empty.
pub(crate) fn callable_url(deployment: &Deployment) -> Option<String> {
    deployment.urls.iter().find_map(|url| callable(url))
}

/// The address without the wildcard at its end; nothing where it has other parameters.
pub(crate) fn callable(url: &str) -> Option<String> {
    let plain = match url.rsplit_once("{*") {
        Some((before, _)) => before,
        None => url,
    };
    (!plain.contains('{')).then(|| plain.to_owned())
}

/// The beginning of a digest, enough to tell two apart.
pub(crate) fn short_digest(digest: &str) -> String {
    digest.chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_three_places() {
        assert_eq!(bytes(1_023), "1023 B");
        assert_eq!(bytes(1_536), "1.5 KiB");
        assert_eq!(bytes(1_048_576), "1 MiB");
        assert_eq!(duration(14), "14 µs");
        assert_eq!(duration(3_210), "3.21 ms");
        assert_eq!(duration(1_450_000), "1.45 s");
        assert_eq!([decimal(0.04, 1), decimal(12.35, 1), decimal(999.6, 0)], ["0.0", "12.4", "1000"]);
    }

    #[test]
    fn counts_have_their_thousands_apart() {
        let text = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(text, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([count_of(1, "message"), count_of(2_000, "message")], ["1 message", "2,000 messages"]);
        assert_eq!([offset(60), offset(0), offset(-210)], ["UTC+1", "UTC+0", "UTC-3:30"]);
    }

    #[test]
    fn times_are_told_from_now() {
        let at = |seconds: i64| Timestamp(seconds * 1_000_000);
        assert_eq!(relative(at(100), 101_000_000), "just now");
        assert_eq!(relative(at(0), 200_000_000), "3 min ago");
        assert_eq!(relative(at(90_000), 0), "in 1 d");
    }

    #[test]
    fn only_addresses_without_parameters_can_be_opened() {
        assert_eq!(callable("http://demo.localhost/hello/{*rest}").as_deref(), Some("http://demo.localhost/hello/"));
        assert_eq!(callable("http://demo.localhost/users/{id}"), None);
    }
}

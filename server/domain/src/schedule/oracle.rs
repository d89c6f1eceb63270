//! Ten years in twenty zones against an oracle that is slow and shares nothing with what it checks: it walks
//! minute by minute over universal time, keeps a civil calendar of its own, reads the zones' files itself, and
//! has its own idea of an expression.

mod calendar;
mod pattern;
mod tzfile;

use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
};

use self::{pattern::Patterns, tzfile::Offsets};
use super::Schedule;
use crate::Timestamp;

const MINUTE: i64 = 60;
const DAY: i64 = 86_400;
const YEARS: i64 = 10;

/// Zones with the year in which their ten years begin: all kinds of changes that clocks have seen.
const ZONES: &[(&str, i64)] = &[
    ("UTC", 2025),
    ("Europe/Berlin", 2025),
    ("Europe/London", 2020),
    ("America/New_York", 2025),
    ("America/St_Johns", 2005),
    ("America/Sao_Paulo", 2010),
    ("America/Santiago", 2025),
    ("America/Havana", 2025),
    ("America/Nuuk", 2020),
    ("Africa/Cairo", 2020),
    ("Africa/Casablanca", 2012),
    ("Asia/Tehran", 2015),
    ("Asia/Kolkata", 2025),
    ("Asia/Pyongyang", 2012),
    ("Europe/Moscow", 2008),
    ("Australia/Sydney", 2025),
    ("Australia/Lord_Howe", 2025),
    ("Antarctica/Troll", 2025),
    ("Pacific/Chatham", 2025),
    ("Pacific/Apia", 2008),
];

/// Expressions that are due at most a few times a day: compared over the whole time.
const SPARSE: &[&str] = &[
    "0 0 * * *",
    "30 2 * * *",
    "0,30 2,3 * * *",
    "59 23 * * *",
    "*/20 2 * * *",
    "30 23 * * 6",
    "0 0 1 * *",
    "0 0 L * *",
    "30 2 29 2 *",
    "0 12 31 * *",
    "0 0 1 1 *",
    "15 2 * 3,10 sun",
    "0 4 13 * fri",
    "0 4 */13 * fri",
    "30 0 * apr-nov 0",
    "5 0,12 1,15,28-31 * *",
    "0 6 L 2 1",
    "45 3 * */5 7",
    "@weekly",
    "@monthly",
    "*/45 1-2 * * sat,sun",
];

/// Expressions that are due often: compared around each change of the clock, and on the first day of each year.
const DENSE: &[&str] = &[
    "0 1 * * *",
    "0 2 * * *",
    "15 2 * * *",
    "59 2 * * *",
    "0 3 * * *",
    "0 9 * * mon-fri",
    "0 4 1-7 * *",
    "0 */8 * * *",
    "* * * * *",
    "*/7 * * * *",
    "@hourly",
    "0-59 2 * * *",
    "0-59 0-3 * * sun",
    "1-59/2 1-23/2 * * *",
    "*/5 0-3 * * *",
    "*,3 2 * * 0-6",
    "10 * * * *",
    "0 * 1-31 1-12 *",
];

/// Expressions with seconds: compared second by second in the hours around each change of the clock.
const BY_SECONDS: &[&str] = &[
    "* * * * * *",
    "*/30 * * * * *",
    "0 0 2 * * *",
    "59 59 1 * * *",
    "0,1,59 0,59 0-3 * * *",
    "30 30 * * * *",
    "15 */10 2 * * *",
    "0-59 0 2 * * *",
];

#[test]
fn ten_years_by_minutes_have_no_slot_too_many_and_none_too_few() {
    let threads = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for part in 0..threads {
            scope.spawn(move || ZONES.iter().skip(part).step_by(threads).for_each(|zone| by_minutes(*zone)));
        }
    });
}

fn by_minutes((zone, year): (&str, i64)) {
    let (start, end) = (calendar::seconds_of(year), calendar::seconds_of(year + YEARS));
    let offsets = Offsets::of(zone, year, year + YEARS);
    let all: Vec<_> = SPARSE.iter().chain(DENSE).copied().collect();
    let sparse = Patterns::mask(0..SPARSE.len());
    let mut spans: Vec<_> = offsets.changes().map(|change| (change - DAY / 2, change + DAY / 2)).collect();
    spans.extend((year..year + YEARS).map(calendar::seconds_of).map(|day| (day, day + DAY)));
    let runs = runs(&spans, start, end);
    let is_dense: BTreeSet<_> = runs.iter().flat_map(|(from, to)| (*from..*to).step_by(3_600)).collect();
    let due =
        walk(&all, &offsets, (start, end, MINUTE), |hour| if is_dense.contains(&hour) { u64::MAX } else { sparse });
    for (index, expression) in all.iter().enumerate() {
        let schedule = Schedule::new(expression, zone).unwrap();
        let expected = &due[&index];
        if index < SPARSE.len() {
            assert!(!expected.is_empty(), "{expression} in {zone}: the oracle sees none");
            compare(&schedule, expected, start, end);
        } else {
            for hours in &runs {
                let within: Vec<_> = expected.iter().copied().filter(|at| (hours.0..hours.1).contains(at)).collect();
                compare(&schedule, &within, hours.0, hours.1);
            }
        }
    }
}

#[test]
fn the_hours_around_each_change_by_seconds_have_no_slot_too_many_and_none_too_few() {
    for (zone, year) in ZONES {
        let offsets = Offsets::of(zone, *year, year + YEARS);
        for change in offsets.changes() {
            let (start, end) = (change - 5_400, change + 9_000);
            let due = walk(BY_SECONDS, &offsets, (start, end, 1), |_| u64::MAX);
            for (index, expression) in BY_SECONDS.iter().enumerate() {
                compare(&Schedule::new(expression, zone).unwrap(), &due[&index], start, end);
            }
        }
    }
}

/// Steps from `start` to `end`, and notes when each pattern is due. `mask` says which patterns matter in an hour.
fn walk(
    expressions: &[&str],
    offsets: &Offsets,
    (start, end, step): (i64, i64, i64),
    mask: impl Fn(i64) -> u64,
) -> BTreeMap<usize, Vec<i64>> {
    let mut patterns = Patterns::read(expressions);
    let mut due: BTreeMap<usize, Vec<i64>> = (0..expressions.len()).map(|index| (index, Vec::new())).collect();
    // The latest time that the clock has shown: up to it everything is seen for the second time.
    let mut shown = start + offsets.at(start) - step;
    let (mut next_hour, mut matters) = (i64::MIN, 0);
    let (mut next_change, mut offset) = (i64::MIN, 0);
    let mut now = start;
    while now < end {
        if now >= next_change {
            (next_change, offset) = (offsets.next(now), offsets.at(now));
        }
        if now >= next_hour {
            let hour = now.div_euclid(3_600) * 3_600;
            (next_hour, matters) = (hour + 3_600, mask(hour));
        }
        let face = now + offset;
        let mut hits = patterns.matching(face);
        if face <= shown {
            hits &= !patterns.fixed;
        } else {
            while shown + step < face {
                shown += step;
                hits |= patterns.matching(shown) & patterns.fixed;
            }
            shown = face;
        }
        let mut rest = hits & matters;
        while rest != 0 {
            due.get_mut(&(rest.trailing_zeros() as usize)).unwrap().push(now);
            rest &= rest - 1;
        }
        now += step;
    }
    due
}

/// Joins spans that touch, cut to whole hours within `start` and `end`.
fn runs(spans: &[(i64, i64)], start: i64, end: i64) -> Vec<(i64, i64)> {
    let up = |at: i64| -(-at).div_euclid(3_600) * 3_600;
    let mut hours: Vec<_> = spans.iter().map(|(from, to)| (up(*from).max(start), up(*to).min(end))).collect();
    hours.sort_unstable();
    let mut joined: Vec<(i64, i64)> = Vec::new();
    for (from, to) in hours.into_iter().filter(|(from, to)| from < to) {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// Asks the schedule for one slot after the other, and from times between them.
fn compare(schedule: &Schedule, expected: &[i64], start: i64, end: i64) {
    let second = |slot: Timestamp| slot.as_us() / 1_000_000;
    let mut now = start - 1;
    for (index, slot) in expected.iter().enumerate() {
        let next = schedule.next_after(Timestamp(now * 1_000_000)).map(second);
        assert_eq!(next, Some(*slot), "{schedule:?} after {now}, slot {index}");
        if index % 16 == 0 && *slot - now > 2 {
            let between = Timestamp((now + (slot - now) / 2) * 1_000_000 + 999_999);
            assert_eq!(schedule.next_after(between).map(second), Some(*slot), "{schedule:?} after {between:?}");
        }
        now = *slot;
    }
    let next = schedule.next_after(Timestamp(now * 1_000_000)).map(second);
    assert!(next.is_none_or(|next| next >= end), "{schedule:?} after {now}: {next:?} is one too many");
}

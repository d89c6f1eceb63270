//! The points in time at which a schedule is due in its zone.

use std::collections::VecDeque;

use jiff::{
    SignedDuration, Timestamp as Instant,
    civil::{Date, DateTime, Time},
    tz::AmbiguousOffset,
};

use super::{Expression, Zone};
use crate::{Invalid, Timestamp};

/// An expression in a time zone.
///
/// Fixed times (see [`Expression`]) are meant once a day: where the clock is put forward over one or several of
/// them, the schedule is due once right after the gap; where it is put back over one, it is due in the first pass
/// only. Other schedules are due whenever the clock shows what they say: not in a gap, and in both passes.
#[derive(Clone, Debug)]
pub struct Schedule {
    expression: Expression,
    zone: Zone,
}

impl Schedule {
    /// Joins the two.
    ///
    /// # Errors
    ///
    /// [`Invalid`] for `schedule` or `timezone`.
    pub fn new(expression: &str, timezone: &str) -> Result<Self, Invalid> {
        Ok(Self { expression: expression.parse()?, zone: Zone::find(timezone)? })
    }

    /// The first slot later than `after`. `None` where none comes within a hundred years, or before the year 9999.
    #[must_use]
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let after = Instant::from_second(after.as_us().div_euclid(1_000_000)).ok()?;
        let next = if self.expression.is_fixed() { self.next_fixed(after) } else { self.next_by_clock(after) };
        next.map(|instant| Timestamp(instant.as_microsecond()))
    }

    /// The slots later than `after` and not later than `until`, oldest first; of more than `most` the newest.
    #[must_use]
    pub fn between(&self, after: Timestamp, until: Timestamp, most: usize) -> Vec<Timestamp> {
        const HOUR_US: i64 = 3_600_000_000;
        // Many may have gone by since: look back from the end, further each time, until there are enough.
        let mut span = HOUR_US;
        loop {
            let start = until.as_us().saturating_sub(span).max(after.as_us());
            let slots = self.last_between(Timestamp(start), until, most);
            if slots.len() == most || start == after.as_us() {
                return slots.into();
            }
            span = span.saturating_mul(4);
        }
    }

    fn last_between(&self, after: Timestamp, until: Timestamp, most: usize) -> VecDeque<Timestamp> {
        let mut slots = VecDeque::new();
        let mut next = self.next_after(after);
        while let Some(slot) = next.filter(|slot| *slot <= until) {
            if slots.len() == most {
                slots.pop_front();
            }
            slots.push_back(slot);
            next = self.next_after(slot);
        }
        slots
    }

    /// Walks the clock's face: each time that it should show is one slot, in order.
    fn next_fixed(&self, after: Instant) -> Option<Instant> {
        let mut face = self.expression.at_or_after(self.zone.rules.to_datetime(after))?;
        loop {
            let instant = self.once(face)?;
            if instant > after {
                return Some(instant);
            }
            face = self.expression.at_or_after(face.checked_add(SECOND).ok()?)?;
        }
    }

    /// When the clock shows `face` for the first time, or is past it where it never shows it.
    fn once(&self, face: DateTime) -> Option<Instant> {
        let rules = &self.zone.rules;
        match rules.to_ambiguous_timestamp(face).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(face).ok(),
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(face).ok(),
            AmbiguousOffset::Gap { before, .. } => {
                let inside = before.to_timestamp(face).ok()?.checked_add(SECOND).ok()?;
                rules.preceding(inside).next().map(|transition| transition.timestamp())
            }
        }
    }

    /// Walks the stretches of time between two changes of the clock.
    fn next_by_clock(&self, after: Instant) -> Option<Instant> {
        let rules = &self.zone.rules;
        let mut from = after.checked_add(SECOND).ok()?;
        loop {
            let offset = rules.to_offset(from);
            let end = rules.following(from).next().map(|transition| transition.timestamp());
            let face = self.expression.at_or_after(offset.to_datetime(from))?;
            let instant = offset.to_timestamp(face).ok()?;
            match end {
                Some(end) if instant >= end => from = end,
                _ => return Some(instant),
            }
        }
    }
}

const SECOND: SignedDuration = SignedDuration::from_secs(1);

impl Expression {
    /// The first time at or after `from` that it names, on a clock that is never changed.
    fn at_or_after(&self, from: DateTime) -> Option<DateTime> {
        const PATIENCE_YEARS: i16 = 100;
        let last_year = from.year().saturating_add(PATIENCE_YEARS);
        let mut date = from.date();
        let mut time = self.time_at_or_after(from.time());
        loop {
            if !self.has_month(number(date.month())) {
                (date, time) = (date.last_of_month().tomorrow().ok()?, self.time_at_or_after(Time::midnight()));
            } else if let Some(time) = time.filter(|_| self.has_date(date)) {
                return Some(date.to_datetime(time));
            } else {
                (date, time) = (date.tomorrow().ok()?, self.time_at_or_after(Time::midnight()));
            }
            if date.year() > last_year {
                return None;
            }
        }
    }

    fn has_date(&self, date: Date) -> bool {
        let weekday = number(date.weekday().to_sunday_zero_offset());
        self.has_day(number(date.day()), number(date.days_in_month()), weekday)
    }

    /// The first time of the day at or after `from` that it names.
    fn time_at_or_after(&self, from: Time) -> Option<Time> {
        let [hour, minute, second] = [from.hour(), from.minute(), from.second()].map(number);
        let first = (self.minutes.first()?, self.seconds.first()?);
        let (hour, (minute, second)) = match self.hours.at_least(hour)? {
            same if same == hour => match self.seconds.at_least(second).filter(|_| self.minutes.has(minute)) {
                Some(second) => (hour, (minute, second)),
                None => match self.minutes.at_least(minute + 1) {
                    Some(minute) => (hour, (minute, first.1)),
                    None => (self.hours.at_least(hour + 1)?, first),
                },
            },
            later => (later, first),
        };
        let [hour, minute, second] = [hour, minute, second].map(|figure| i8::try_from(figure).unwrap_or(0));
        Time::new(hour, minute, second, 0).ok()
    }
}

/// A figure of a clock or a calendar, none of which is negative.
fn number(figure: i8) -> u8 {
    figure.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<Instant>().unwrap().as_microsecond())
    }

    fn slots(expression: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
        let schedule = Schedule::new(expression, zone).unwrap();
        let next = |slot: &Timestamp| schedule.next_after(*slot);
        let slots = std::iter::successors(schedule.next_after(at(from)), next).take(count);
        slots.map(|slot| Instant::from_microsecond(slot.as_us()).unwrap().to_string()).collect()
    }

    #[test]
    fn a_fixed_time_in_a_gap_runs_once_right_after_it() {
        // Berlin, 2026-03-29: 02:00 becomes 03:00, which is 01:00 UTC.
        let expected = ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"];
        assert_eq!(slots("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3), expected);
        let both = ["2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z", "2026-03-30T00:30:00Z", "2026-03-30T01:00:00Z"];
        assert_eq!(slots("0,30 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 5)[..1], both[..1]);
        assert_eq!(slots("0,30 2,3 * * *", "Europe/Berlin", "2026-03-29T01:30:00Z", 3), both[1..]);
    }

    #[test]
    fn an_hour_that_comes_twice_runs_fixed_times_once_and_others_twice() {
        // Berlin, 2026-10-25: 03:00 becomes 02:00, which is 01:00 UTC.
        let once = ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"];
        assert_eq!(slots("30 2 * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", 2), once);
        let twice = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"];
        assert_eq!(slots("30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", 3), twice);
    }

    #[test]
    fn a_day_is_one_of_either_field_where_both_say_something() {
        let either = ["2026-02-01T00:00:00Z", "2026-02-06T00:00:00Z", "2026-02-13T00:00:00Z", "2026-02-20T00:00:00Z"];
        assert_eq!(slots("0 0 1 2 fri", "UTC", "2026-01-31T00:00:00Z", 4), either);
        let last = ["2026-02-28T12:00:30Z", "2026-03-31T12:00:30Z"];
        assert_eq!(slots("30 0 12 L * *", "UTC", "2026-02-01T00:00:00Z", 2), last);
        assert_eq!(slots("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", 1), ["2104-02-29T00:00:00Z"]);
    }

    #[test]
    fn of_many_slots_the_newest_are_told_oldest_first() {
        let schedule = Schedule::new("*/10 * * * * *", "UTC").unwrap();
        let (year, now) = (at("2025-01-01T00:00:00Z"), at("2026-01-01T00:00:05Z"));
        let newest = schedule.between(year, now, 1_000);
        assert_eq!((newest.len(), newest.last().copied()), (1_000, Some(at("2026-01-01T00:00:00Z"))));
        assert!(newest.windows(2).all(|pair| pair[1] == pair[0].plus_seconds(10)));
        let few = schedule.between(at("2025-12-31T23:59:30Z"), now, 1_000);
        assert_eq!(few.first().copied(), Some(at("2025-12-31T23:59:40Z")));
        assert_eq!(few.len(), 3);
        assert!(schedule.between(now, now, 1_000).is_empty());
    }
}

//! Cron expressions: what a clock on the wall shows when a slot is due.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::field::{Field, Kind};
use crate::Invalid;

const SECOND: Kind = Kind { name: "second", least: 0, most: 59, names: &[] };
const MINUTE: Kind = Kind { name: "minute", least: 0, most: 59, names: &[] };
const HOUR: Kind = Kind { name: "hour", least: 0, most: 23, names: &[] };
const DAY: Kind = Kind { name: "day of the month", least: 1, most: 31, names: &[] };
const MONTH: Kind = Kind {
    name: "month",
    least: 1,
    most: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const WEEKDAY: Kind =
    Kind { name: "weekday", least: 0, most: 7, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

/// The names that stand for expressions, as cron has them.
const NAMED: &[(&str, &str)] = &[
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// A cron expression, with the text that it was read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Expression {
    text: String,
    pub(super) seconds: Field,
    pub(super) minutes: Field,
    pub(super) hours: Field,
    days: Field,
    /// Whether the last day of the month is one of the days.
    last_day: bool,
    months: Field,
    weekdays: Field,
}

impl Expression {
    /// The most bytes of an expression's text.
    pub const MAX_BYTES: usize = 200;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it names fixed times of the day, as `30 2 * * *` does, and none of second, minute and hour begins
    /// with `*`. Such times are meant once a day, also where a clock is put forward or back; others follow the
    /// clock.
    #[cfg(feature = "zones")]
    pub(super) const fn is_fixed(&self) -> bool {
        !self.seconds.star && !self.minutes.star && !self.hours.star
    }

    /// Whether a day in this month can be one of its days.
    #[cfg(feature = "zones")]
    pub(super) const fn has_month(&self, month: u8) -> bool {
        self.months.has(month)
    }

    /// Whether this day of a month, that has so many, is one of its days. Sunday is 0.
    #[cfg(feature = "zones")]
    pub(super) const fn has_day(&self, day: u8, days_in_month: u8, weekday: u8) -> bool {
        let of_month = self.days.has(day) || self.last_day && day == days_in_month;
        let of_week = self.weekdays.has(weekday);
        if self.days.star || self.weekdays.star { of_month && of_week } else { of_month || of_week }
    }

    fn read(text: &str) -> Result<Self, String> {
        if text.len() > Self::MAX_BYTES {
            return Err(format!("has {} bytes; use at most {}", text.len(), Self::MAX_BYTES));
        }
        let spelled = match NAMED.iter().find(|(name, _)| *name == text.trim()) {
            Some((_, spelled)) => spelled,
            None if text.trim().starts_with('@') => {
                let names: Vec<_> = NAMED.iter().map(|(name, _)| *name).collect();
                return Err(format!("is {text:?}; use one of {}, or five fields", names.join(", ")));
            }
            None => text,
        };
        let fields: Vec<_> = spelled.split_ascii_whitespace().collect();
        let (second, minute, hour, day, month, weekday) = match *fields.as_slice() {
            [minute, hour, day, month, weekday] => (None, minute, hour, day, month, weekday),
            [second, minute, hour, day, month, weekday] => (Some(second), minute, hour, day, month, weekday),
            _ => {
                return Err(format!(
                    "has {} fields; write minute, hour, day of the month, month and weekday, such as 0 3 * * 1-5, and \
                     a second before them where it matters",
                    fields.len()
                ));
            }
        };
        let (days, last_day) = days(day)?;
        let read = Self {
            text: text.to_owned(),
            seconds: second.map_or(Ok(Field::only(0)), |second| SECOND.read(second))?,
            minutes: MINUTE.read(minute)?,
            hours: HOUR.read(hour)?,
            days,
            last_day,
            months: MONTH.read(month)?,
            weekdays: WEEKDAY.read(weekday)?.fold(7, 0),
        };
        if read.never_comes() {
            return Err(format!("names the day {day} of months that have none; choose another day"));
        }
        Ok(read)
    }

    /// Whether only days are named that none of its months has, such as the 31st of April.
    fn never_comes(&self) -> bool {
        let by_weekday = !self.weekdays.star && !self.days.star;
        let has_room = |month: u8| {
            let most = match month {
                2 => 29,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            self.months.has(month) && self.days.first().is_some_and(|first| first <= most)
        };
        !by_weekday && !self.last_day && !(1..=12).any(has_room)
    }
}

/// The days of the month, and whether the last one is among them.
fn days(text: &str) -> Result<(Field, bool), String> {
    let is_last = |entry: &&str| entry.eq_ignore_ascii_case("l");
    let (last, others): (Vec<_>, Vec<_>) = text.split(',').partition(is_last);
    let numbers = if others.is_empty() { Field::NONE } else { DAY.read(&others.join(","))? };
    Ok((numbers, !last.is_empty()))
}

impl FromStr for Expression {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::read(text).map_err(|message| Invalid::new("schedule", message))
    }
}

impl TryFrom<String> for Expression {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Expression> for String {
    fn from(expression: Expression) -> Self {
        expression.text
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_reads_fields_names_ranges_steps_and_lists() {
        for good in [
            "* * * * *",
            "0 3 * * *",
            "*/15 9-17 * * mon-fri",
            "0 0 1,15,L * *",
            "5,10-20/5,59 */2 1-7 JAN,jul-Sep fri-sun",
            "30 0 12 * * 7",
            "  0\t3 * * 1-5 ",
            "@hourly",
            "0 0 29 2 *",
            "0 0 31 4 1",
        ] {
            assert!(good.parse::<Expression>().is_ok(), "{good}: {:?}", good.parse::<Expression>());
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_with_the_place_and_the_way_out() {
        for (bad, place, way_out) in [
            ("", "has 0 fields", "0 3 * * 1-5"),
            ("* * * *", "has 4 fields", "weekday"),
            ("* * * * * * *", "has 7 fields", "second"),
            ("60 * * * *", "\"60\" as the minute", "use 0 to 59"),
            ("* 24 * * *", "\"24\" as the hour", "use 0 to 23"),
            ("* * 0 * *", "\"0\" as the day of the month", "use 1 to 31"),
            ("* * * 13 *", "\"13\" as the month", "1 to 12 or jan to dec"),
            ("* * * * 8", "\"8\" as the weekday", "0 to 7 or sun to sat"),
            ("5/10 * * * *", "\"5/10\" as the minute", "write 5-59/…"),
            ("*/90 * * * *", "\"*/90\" as the minute", "1 to 59"),
            ("*/0 * * * *", "\"*/0\"", "1 to 59"),
            ("0 22-2 * * *", "\"22-2\" as the hour", "write 22-23,0-2"),
            ("0 0 ? * 1", "\"?\" as the day of the month", "write *"),
            ("0 0 15W * *", "\"15W\" as the day of the month", "use 1 to 31"),
            ("0 0 * * 5#2", "\"5#2\" as the weekday", "use 0 to 7"),
            ("1,,2 * * * *", "\"\" as the minute", "use 0 to 59"),
            ("+1 * * * *", "\"+1\" as the minute", "use 0 to 59"),
            ("0 0 31 4,6 *", "the day 31", "another day"),
            ("0 0 30 2 *", "the day 30", "another day"),
            ("@reboot", "\"@reboot\"", "@hourly"),
        ] {
            let refused = bad.parse::<Expression>().err().map(|invalid| invalid.message).unwrap_or_default();
            assert!(refused.contains(place) && refused.contains(way_out), "{bad}: {refused}");
        }
    }
}

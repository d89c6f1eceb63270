//! Expressions as tables: for each figure of the clock, the set of expressions that it fits.

use super::calendar::Calendar;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Up to 64 expressions; a set of them is the bits of a number.
pub(super) struct Patterns {
    seconds: Vec<u64>,
    minutes: Vec<u64>,
    hours: Vec<u64>,
    days: Vec<u64>,
    last_day: u64,
    months: Vec<u64>,
    weekdays: Vec<u64>,
    both_days: u64,
    /// Those without a star in second, minute and hour.
    pub(super) fixed: u64,
    calendar: Calendar,
    /// When the day of the calendar begins, and those that fit it; both are looked up once a day.
    midnight: i64,
    today: u64,
}

impl Patterns {
    pub(super) fn mask(indices: std::ops::Range<usize>) -> u64 {
        indices.fold(0, |mask, index| mask | 1 << index)
    }

    pub(super) fn read(expressions: &[&str]) -> Self {
        let empty = || vec![0; 60];
        let mut all = Self {
            seconds: empty(),
            minutes: empty(),
            hours: empty(),
            days: empty(),
            last_day: 0,
            months: empty(),
            weekdays: empty(),
            both_days: 0,
            fixed: 0,
            calendar: Calendar::default(),
            midnight: i64::MIN / 2,
            today: 0,
        };
        for (index, expression) in expressions.iter().enumerate() {
            all.add(1 << index, expression);
        }
        all
    }

    fn add(&mut self, bit: u64, expression: &str) {
        let spelled = match expression {
            "@hourly" => "0 * * * *",
            "@weekly" => "0 0 * * sun",
            "@monthly" => "0 0 1 * *",
            other => other,
        };
        let mut words: Vec<&str> = spelled.split(' ').collect();
        if words.len() == 5 {
            words.insert(0, "0");
        }
        let starred = |word: &str| word.split(',').any(|entry| entry.starts_with('*'));
        if !words[..3].iter().any(|word| starred(word)) {
            self.fixed |= bit;
        }
        if starred(words[3]) || starred(words[5]) {
            self.both_days |= bit;
        }
        let tables = [&mut self.seconds, &mut self.minutes, &mut self.hours, &mut self.days, &mut self.months];
        let bounds = [(0, 59), (0, 59), (0, 23), (1, 31), (1, 12)];
        for ((table, bounds), word) in tables.into_iter().zip(bounds).zip(&words) {
            for number in numbers(&word.replace("L", "99"), bounds) {
                match number {
                    99 => self.last_day |= bit,
                    number => table[number] |= bit,
                }
            }
        }
        for number in numbers(words[5], (0, 6)) {
            self.weekdays[number % 7] |= bit;
        }
    }

    /// The expressions that fit what the clock shows at `face`, in seconds of a clock that is never changed.
    pub(super) fn matching(&mut self, face: i64) -> u64 {
        if face < self.midnight || face >= self.midnight + 86_400 {
            self.turn_to(face.div_euclid(86_400));
        }
        let time = (face - self.midnight) as usize;
        self.today & self.hours[time / 3_600] & self.minutes[time / 60 % 60] & self.seconds[time % 60]
    }

    fn turn_to(&mut self, day: i64) {
        self.midnight = day * 86_400;
        let calendar = &mut self.calendar;
        calendar.go_to(day);
        let is_last = calendar.day_of_month == calendar.days_in_month();
        let by_day = self.days[calendar.day_of_month] | if is_last { self.last_day } else { 0 };
        let by_weekday = self.weekdays[calendar.weekday()];
        let days = (by_day & by_weekday) | ((by_day | by_weekday) & !self.both_days);
        self.today = days & self.months[calendar.month];
    }
}

/// All numbers that a word of an expression stands for.
fn numbers(word: &str, (least, most): (usize, usize)) -> Vec<usize> {
    let number = |text: &str| {
        let named = MONTHS.iter().position(|name| *name == text).map(|index| index + 1);
        named.or_else(|| WEEKDAYS.iter().position(|name| *name == text)).unwrap_or_else(|| text.parse().unwrap())
    };
    let mut numbers = Vec::new();
    for entry in word.split(',') {
        let (range, step) = entry.split_once('/').map_or((entry, 1), |(range, step)| (range, step.parse().unwrap()));
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (number(from), number(to)),
            None if range == "*" => (least, most),
            None => (number(range), number(range)),
        };
        numbers.extend((from..=to).filter(|number| (number - from) % step == 0));
    }
    numbers
}

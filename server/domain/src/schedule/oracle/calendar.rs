//! A civil calendar that counts years and months one by one.

/// Remembers the day that it was asked for last, and walks from there.
pub(super) struct Calendar {
    day: i64,
    year: i64,
    pub(super) month: usize,
    pub(super) day_of_month: usize,
}

impl Default for Calendar {
    fn default() -> Self {
        Self { day: 0, year: 1970, month: 1, day_of_month: 1 }
    }
}

impl Calendar {
    /// Goes to the day that begins `day` days after 1970-01-01.
    pub(super) fn go_to(&mut self, day: i64) {
        while self.day < day {
            self.day += 1;
            self.day_of_month += 1;
            if self.day_of_month > self.days_in_month() {
                (self.day_of_month, self.month) = (1, self.month + 1);
            }
            if self.month > 12 {
                (self.month, self.year) = (1, self.year + 1);
            }
        }
        while self.day > day {
            self.day -= 1;
            self.day_of_month -= 1;
            if self.day_of_month == 0 {
                self.month -= 1;
                if self.month == 0 {
                    (self.month, self.year) = (12, self.year - 1);
                }
                self.day_of_month = self.days_in_month();
            }
        }
    }

    pub(super) fn days_in_month(&self) -> usize {
        match self.month {
            2 if is_leap(self.year) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    /// 0 is Sunday. 1970-01-01 was a Thursday.
    pub(super) fn weekday(&self) -> usize {
        usize::try_from((self.day + 4).rem_euclid(7)).unwrap()
    }
}

pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The second at which `year` begins in UTC.
pub(super) fn seconds_of(year: i64) -> i64 {
    (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum::<i64>() * 86_400
}

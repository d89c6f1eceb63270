//! One field of an expression: numbers, names, ranges, steps and lists.

/// What a field may say.
pub(super) struct Kind {
    /// What it is called in complaints.
    pub(super) name: &'static str,
    pub(super) least: u8,
    pub(super) most: u8,
    /// Names of numbers, the first that of `least`.
    pub(super) names: &'static [&'static str],
}

/// The numbers that a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    bits: u64,
    /// Whether it, or an entry of its list, begins with `*`.
    pub(super) star: bool,
}

impl Field {
    /// Nothing, until entries are read.
    pub(super) const NONE: Self = Self { bits: 0, star: false };

    pub(super) const fn only(number: u8) -> Self {
        Self { bits: 1 << number, star: false }
    }

    pub(super) const fn has(self, number: u8) -> bool {
        self.bits >> number & 1 == 1
    }

    /// The smallest number that is at least `from`.
    pub(super) fn at_least(self, from: u8) -> Option<u8> {
        let rest = self.bits.checked_shr(from.into()).unwrap_or(0);
        (rest != 0).then(|| from + u8::try_from(rest.trailing_zeros()).unwrap_or(0))
    }

    /// The smallest number.
    pub(super) fn first(self) -> Option<u8> {
        self.at_least(0)
    }

    /// Puts `other` on the number `one`, as for Sunday, which is 0 and 7.
    pub(super) const fn fold(self, other: u8, one: u8) -> Self {
        let bits = if self.has(other) { self.bits & !(1 << other) | 1 << one } else { self.bits };
        Self { bits, ..self }
    }
}

impl Kind {
    /// Reads a field.
    ///
    /// # Errors
    ///
    /// What is wrong with which part of it, and what to write instead.
    pub(super) fn read(&self, text: &str) -> Result<Field, String> {
        text.split(',').try_fold(Field::NONE, |field, entry| {
            let read = self.entry(entry).map_err(|why| self.complaint(entry, &why))?;
            Ok(Field { bits: field.bits | read.bits, star: field.star || read.star })
        })
    }

    fn entry(&self, text: &str) -> Result<Field, String> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(self.step(step)?)),
            None => (text, None),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (self.least, self.most),
            Some((from, to)) => self.range(from, to)?,
            None if step.is_some() => {
                return Err(format!("a step needs a range; write {range}-{}/…", self.most));
            }
            None => {
                let number = self.number(range)?;
                (number, number)
            }
        };
        let bits = (from..=to).step_by(step.unwrap_or(1).into()).fold(0, |bits, number| bits | 1_u64 << number);
        Ok(Field { bits, star: range == "*" })
    }

    fn range(&self, from: &str, to: &str) -> Result<(u8, u8), String> {
        let (start, mut end) = (self.number(from)?, self.number(to)?);
        // Sunday ends a week as well as it begins one.
        if end == 0 && start > 0 && self.most == 7 {
            end = 7;
        }
        if start > end {
            return Err(format!("a range runs upwards; write {from}-{},{}-{to}", self.most, self.least));
        }
        Ok((start, end))
    }

    fn step(&self, text: &str) -> Result<u8, String> {
        let span = self.most - self.least;
        match digits(text) {
            Some(step) if (1..=span).contains(&step) => Ok(step),
            _ => Err(format!("a step is 1 to {span}, counted anew from {} each time", self.least)),
        }
    }

    fn number(&self, text: &str) -> Result<u8, String> {
        if let Some(number) = digits(text).filter(|number| (self.least..=self.most).contains(number)) {
            return Ok(number);
        }
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        match named.and_then(|index| u8::try_from(index).ok()) {
            Some(index) => Ok(self.least + index),
            None if text == "?" => Err("write *".to_owned()),
            None => Err(self.rule()),
        }
    }

    fn rule(&self) -> String {
        let names = match (self.names.first(), self.names.last()) {
            (Some(first), Some(last)) => format!(" or {first} to {last}"),
            _ => String::new(),
        };
        format!(
            "use {} to {}{names}, a range such as 1-5, a step such as */2, a list such as 1,3, or *",
            self.least, self.most
        )
    }

    fn complaint(&self, entry: &str, why: &str) -> String {
        format!("has {entry:?} as the {}: {why}", self.name)
    }
}

/// A number of one or two digits and nothing else.
fn digits(text: &str) -> Option<u8> {
    let plain = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

//! Holds log lines of one function to a rate, so that a busy function does not spend its time on them.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

/// Lines a second of invocations that went well; the rest is only counted.
const LINES_PER_SECOND: u32 = 20;

/// How many lines there were in the present second.
#[derive(Debug)]
pub(super) struct Rate {
    started: Instant,
    window: Mutex<Window>,
}

#[derive(Debug, Default)]
struct Window {
    second: u64,
    lines: u32,
    held_back: u64,
}

impl Default for Rate {
    fn default() -> Self {
        Self { started: Instant::now(), window: Mutex::default() }
    }
}

impl Rate {
    /// Whether a line may be written now: then how many were held back since the last one.
    pub(super) fn line(&self) -> Option<u64> {
        self.line_in(self.started.elapsed().as_secs())
    }

    fn line_in(&self, second: u64) -> Option<u64> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.second != second {
            window.second = second;
            window.lines = 0;
        }
        if window.lines == LINES_PER_SECOND {
            window.held_back += 1;
            return None;
        }
        window.lines += 1;
        Some(std::mem::take(&mut window.held_back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_twenty_lines_and_the_next_one_tells_what_was_held_back() {
        let rate = Rate::default();
        let lines: Vec<_> = (0..25).map(|_| rate.line_in(7)).collect();
        assert!(lines.iter().take(20).all(|line| *line == Some(0)) && lines.iter().skip(20).all(Option::is_none));
        assert_eq!((rate.line_in(8), rate.line_in(8)), (Some(5), Some(0)));
    }
}

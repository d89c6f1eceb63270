//! How many of the messages of a trigger are at fault, lately, and how many are taken for that.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The share of messages that the guest failed at when they were given to it for the first time.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// In millionths, as it was lately.
    share: AtomicU32,
}

/// All.
const WHOLE: u32 = 1_000_000;

/// The share from which on twice as many are taken.
const TWICE: u32 = WHOLE / 10;

/// By how much a batch moves the share: as much as one of so many.
const MEMORY: u32 = 16;

impl Faults {
    /// Takes note of a batch: how many of its messages were new to the guest, and at how many of these it failed.
    pub(super) fn note(&self, new: usize, failed: usize) {
        let (Ok(new), Ok(failed)) = (u64::try_from(new), u64::try_from(failed)) else { return };
        let Some(now) = (failed * u64::from(WHOLE)).checked_div(new) else { return };
        let now = u32::try_from(now).unwrap_or(WHOLE).min(WHOLE);
        let before = self.share.load(Relaxed);
        // A note of another batch that comes between is lost, which changes next to nothing.
        self.share.store(before - before / MEMORY + now / MEMORY, Relaxed);
    }

    /// How many messages to take at once: a batch, and where some are at fault up to twice as many. To claim and to settle
    /// more messages costs little more, which makes up for the calls that it takes to find those at fault. Where most are,
    /// it is not the messages that are at fault.
    pub(super) fn to_take(&self, batch_size: u32) -> u32 {
        let share = self.share.load(Relaxed);
        if share > WHOLE / 2 || batch_size == 1 {
            return batch_size;
        }
        batch_size.saturating_add(batch_size.saturating_mul(share.min(TWICE)) / TWICE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(batches: usize, new: usize, failed: usize) -> Faults {
        let faults = Faults::default();
        (0..batches).for_each(|_| faults.note(new, failed));
        faults
    }

    #[test]
    fn without_faults_a_batch_is_a_batch() {
        assert_eq!([1, 10, 100].map(|size| after(100, 10, 0).to_take(size)), [1, 10, 100]);
    }

    #[test]
    fn the_more_are_at_fault_the_more_are_taken_and_at_most_twice_as_many() {
        let rare = after(100, 1_000, 50);
        assert_eq!([2, 10, 50].map(|size| rare.to_take(size)), [2, 14, 74]);
        let often = after(100, 10, 1);
        assert_eq!([2, 10, 50].map(|size| often.to_take(size)), [3, 19, 99]);
        assert_eq!(after(100, 10, 5).to_take(10), 20);
    }

    #[test]
    fn a_batch_of_one_message_is_not_divided_and_stays_one() {
        assert_eq!(after(100, 1, 0).to_take(1), 1);
        assert_eq!(after(100, 10, 1).to_take(1), 1);
    }

    #[test]
    fn a_function_that_fails_at_most_of_all_gets_no_more() {
        assert_eq!(after(100, 10, 6).to_take(10), 10);
        assert_eq!(after(100, 10, 10).to_take(10), 10);
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let faults = after(100, 10, 2);
        (0..100).for_each(|_| faults.note(10, 0));
        assert_eq!(faults.to_take(10), 10);
        faults.note(0, 0);
        assert_eq!(faults.to_take(10), 10);
    }
}

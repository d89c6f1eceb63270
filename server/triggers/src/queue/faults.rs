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

    /// How many messages to take so that likely as many are done as `batch_size` would be where none is at fault: those
    /// at fault take the place of none. Where most are, it is not the messages that are at fault.
    pub(super) fn to_take(&self, batch_size: u32) -> u32 {
        let share = self.share.load(Relaxed);
        if share > WHOLE / 2 {
            return batch_size;
        }
        let (batch_size, sound) = (u64::from(batch_size), u64::from(WHOLE - share));
        let most = (batch_size * u64::from(WHOLE) + sound / 2) / sound;
        u32::try_from(most).unwrap_or(u32::MAX)
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
    fn as_many_more_are_taken_as_are_at_fault() {
        assert_eq!([1, 10, 50].map(|size| after(100, 10, 1).to_take(size)), [1, 11, 56]);
        assert_eq!(after(100, 10, 5).to_take(10), 20);
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

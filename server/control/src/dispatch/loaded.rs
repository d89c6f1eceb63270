//! What is loaded, within a budget of bytes: who was called least lately goes first.
//!
//! Knows nothing of what a slot holds. A call reads its slot and marks it, and takes no lock.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{
        AtomicU32, AtomicU64,
        Ordering::{Relaxed, SeqCst},
    },
};

use arc_swap::ArcSwapOption;
use telemetry::Metrics;

/// All slots that hold something.
pub(super) struct Ledger<F> {
    /// Beyond it, what nobody pins is let go of, but for what was loaded last.
    budget_bytes: u64,
    /// Grows whenever something is loaded. A slot that carries its figure was called since then.
    clock: AtomicU64,
    loaded: Mutex<Loaded<F>>,
    metrics: Metrics,
}

struct Loaded<F> {
    /// In the order of loading.
    slots: Vec<Arc<Slot<F>>>,
    bytes: u64,
}

/// The place of one value that may be loaded or not.
pub(super) struct Slot<F> {
    value: ArcSwapOption<Held<F>>,
    bytes: u64,
    called: AtomicU64,
    /// Changes under the ledger's lock alone.
    pins: AtomicU32,
}

struct Held<F> {
    value: F,
    /// Whether it is of use only while the slot is pinned.
    for_pins: bool,
}

impl<F> Slot<F> {
    /// An empty slot for what takes `bytes`.
    pub(super) fn new(bytes: u64) -> Arc<Self> {
        Arc::new(Self { value: ArcSwapOption::empty(), bytes, called: AtomicU64::new(0), pins: AtomicU32::new(0) })
    }

    /// Whether anyone pins it.
    pub(super) fn is_pinned(&self) -> bool {
        self.pins.load(SeqCst) > 0
    }

    /// Whether it was called after the time that ended with `mark`.
    pub(super) fn was_called_after(&self, mark: u64) -> bool {
        self.called.load(Relaxed) > mark
    }

    /// Whether it holds what is of use only while it is pinned.
    pub(super) fn is_held_for_pins(&self) -> bool {
        self.value.load().as_ref().is_some_and(|held| held.for_pins)
    }
}

impl<F: Clone> Ledger<F> {
    /// Nothing is loaded.
    pub(super) fn new(budget_bytes: u64, metrics: Metrics) -> Arc<Self> {
        let loaded = Mutex::new(Loaded { slots: Vec::new(), bytes: 0 });
        Arc::new(Self { budget_bytes, clock: AtomicU64::new(1), loaded, metrics })
    }

    /// What `slot` holds, for a call.
    pub(super) fn call(&self, slot: &Slot<F>) -> Option<F> {
        let held = slot.value.load();
        let value = held.as_ref()?.value.clone();
        let now = self.clock.load(Relaxed);
        // Most calls find their own mark, and leave the line of memory to other processors, too.
        if slot.called.load(Relaxed) != now {
            slot.called.store(now, Relaxed);
        }
        Some(value)
    }

    /// Begins a time of its own: whatever is called from now on carries another mark. Gives the mark of those that were
    /// called before.
    pub(super) fn begin(&self) -> u64 {
        self.clock.fetch_add(1, Relaxed)
    }

    /// What `slot` holds, without a call.
    pub(super) fn look(&self, slot: &Slot<F>) -> Option<F> {
        slot.value.load().as_ref().map(|held| held.value.clone())
    }

    /// Puts `value` into `slot`, in the place of what was there. What is `for_pins` is only put into a
    /// slot that is pinned.
    pub(super) fn put(&self, slot: &Arc<Slot<F>>, value: F, for_pins: bool) {
        let mut dropped = Vec::new();
        {
            let mut loaded = self.loaded();
            if for_pins && !slot.is_pinned() {
                return;
            }
            // Whatever is called after this was called later.
            slot.called.store(self.clock.fetch_add(1, Relaxed), Relaxed);
            let before = slot.value.swap(Some(Arc::new(Held { value, for_pins })));
            if before.is_none() {
                loaded.slots.push(Arc::clone(slot));
                loaded.bytes += slot.bytes;
                self.metrics.loaded(slot.bytes);
            }
            dropped.extend(before);
            while loaded.bytes > self.budget_bytes {
                let others = loaded.slots.iter().enumerate().filter(|(_, one)| !Arc::ptr_eq(one, slot));
                let idle = others.filter(|(_, one)| !one.is_pinned());
                let Some((place, _)) = idle.min_by_key(|(_, one)| one.called.load(Relaxed)) else { break };
                dropped.extend(self.take(&mut loaded, place));
                self.metrics.evicted();
            }
        }
        // What was let go of may be large: it goes after the lock.
        drop(dropped);
    }

    /// Keeps what `slot` holds, or will hold, until it is unpinned.
    pub(super) fn pin(&self, slot: &Slot<F>) {
        let _loaded = self.loaded();
        slot.pins.fetch_add(1, SeqCst);
    }

    /// Takes one pin away. With the last one goes what is of use only with it.
    pub(super) fn unpin(&self, slot: &Slot<F>) {
        let mut loaded = self.loaded();
        let last = slot.pins.fetch_sub(1, SeqCst) == 1;
        let dropped = (last && slot.is_held_for_pins()).then(|| self.remove(&mut loaded, slot));
        drop(loaded);
        drop(dropped);
    }

    /// Lets go of what `slot` holds.
    pub(super) fn forget(&self, slot: &Slot<F>) {
        let mut loaded = self.loaded();
        let dropped = self.remove(&mut loaded, slot);
        drop(loaded);
        drop(dropped);
    }

    fn remove(&self, loaded: &mut Loaded<F>, slot: &Slot<F>) -> Option<Arc<Held<F>>> {
        let place = loaded.slots.iter().position(|one| std::ptr::eq(Arc::as_ptr(one), slot))?;
        self.take(loaded, place)
    }

    fn take(&self, loaded: &mut Loaded<F>, place: usize) -> Option<Arc<Held<F>>> {
        let slot = loaded.slots.remove(place);
        loaded.bytes -= slot.bytes;
        self.metrics.unloaded(slot.bytes);
        slot.value.swap(None)
    }

    fn loaded(&self) -> MutexGuard<'_, Loaded<F>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ledger of ten bytes, and slots of four.
    fn ledger() -> (Arc<Ledger<&'static str>>, [Arc<Slot<&'static str>>; 4]) {
        (Ledger::new(10, Metrics::detached().unwrap()), [(); 4].map(|()| Slot::new(4)))
    }

    fn held(ledger: &Ledger<&'static str>, slots: &[Arc<Slot<&'static str>>; 4]) -> [bool; 4] {
        let bytes = ledger.loaded().slots.iter().map(|slot| slot.bytes).sum::<u64>();
        assert_eq!(ledger.loaded().bytes, bytes);
        slots.each_ref().map(|slot| slot.value.load().is_some())
    }

    #[test]
    fn who_was_called_least_lately_goes_first() {
        let (ledger, slots) = ledger();
        let [a, b, c, d] = &slots;
        assert_eq!(ledger.call(a), None);
        ledger.put(a, "a", false);
        ledger.put(b, "b", false);
        assert_eq!(ledger.call(a), Some("a"));
        ledger.put(c, "c", false);
        assert_eq!(held(&ledger, &slots), [true, false, true, false]);
        ledger.put(d, "d", false);
        assert_eq!(held(&ledger, &slots), [false, false, true, true]);
        assert_eq!((ledger.call(b), ledger.call(d)), (None, Some("d")));
        ledger.forget(c);
        ledger.forget(c);
        assert_eq!(held(&ledger, &slots), [false, false, false, true]);
    }

    #[test]
    fn what_was_called_in_a_time_of_its_own_is_known() {
        let (ledger, slots) = ledger();
        let [a, b, ..] = &slots;
        ledger.put(a, "a", false);
        ledger.put(b, "b", false);
        let mark = ledger.begin();
        assert_eq!((ledger.look(a), ledger.call(b)), (Some("a"), Some("b")));
        assert_eq!([a, b].map(|slot| slot.was_called_after(mark)), [false, true]);
        ledger.put(a, "a", false);
        assert!(a.was_called_after(mark));
    }

    #[test]
    fn what_is_larger_than_the_budget_stays_until_the_next_one() {
        let ledger = Ledger::new(10, Metrics::detached().unwrap());
        let (large, small) = (Slot::new(100), Slot::new(1));
        ledger.put(&small, "small", false);
        ledger.put(&large, "large", false);
        assert_eq!((ledger.call(&large), ledger.call(&small)), (Some("large"), None));
        ledger.put(&small, "small", false);
        assert_eq!((ledger.call(&large), ledger.call(&small)), (None, Some("small")));
    }

    #[test]
    fn what_is_pinned_stays_and_what_is_for_pins_goes_with_the_last_of_them() {
        let (ledger, slots) = ledger();
        let [a, b, c, d] = &slots;
        ledger.put(a, "never", true);
        assert_eq!(ledger.call(a), None, "nobody pins it");
        for slot in [a, a, b] {
            ledger.pin(slot);
        }
        ledger.put(a, "a", true);
        ledger.put(b, "b", false);
        ledger.put(c, "c", false);
        ledger.put(d, "d", false);
        assert_eq!(held(&ledger, &slots), [true, true, false, true]);
        ledger.unpin(a);
        assert_eq!(ledger.call(a), Some("a"));
        ledger.unpin(a);
        assert_eq!(ledger.call(a), None);
        ledger.unpin(b);
        assert_eq!(ledger.call(b), Some("b"), "it is of use without a pin, and there is room");
    }
}

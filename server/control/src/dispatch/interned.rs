//! One shared value for each key, for as long as anyone holds it.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError, Weak},
};

/// Gives the same value to all who ask for a key while one of them still holds it.
pub(super) struct Interned<K, V>(Mutex<HashMap<K, Weak<V>>>);

impl<K, V> Default for Interned<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V> Interned<K, V> {
    /// The value of `key`, if anyone holds it.
    pub(super) fn find(&self, key: &K) -> Option<Arc<V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).and_then(Weak::upgrade)
    }

    /// All values that anyone holds.
    pub(super) fn all(&self) -> Vec<Arc<V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().filter_map(Weak::upgrade).collect()
    }

    /// The value of `key`, made if nobody holds it.
    pub(super) fn get(&self, key: K, make: impl FnOnce() -> V) -> Arc<V> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = held.get(&key).and_then(Weak::upgrade) {
            return value;
        }
        // Growing is the moment to sweep: it happens ever more rarely as the map gets larger.
        if held.len() == held.capacity() {
            held.retain(|_, value| value.strong_count() > 0);
        }
        let value = Arc::new(make());
        held.insert(key, Arc::downgrade(&value));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_shared_while_it_is_held_and_made_anew_after() {
        let interned = Interned::default();
        let first = interned.get("a", || 1);
        assert!(Arc::ptr_eq(&first, &interned.get("a", || 2)));
        drop(first);
        assert_eq!(*interned.get("a", || 3), 3);
    }
}

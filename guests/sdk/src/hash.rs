//! Maps whose hashing keys are drawn anew in every instance, also in those that begin from a snapshot.

use std::{
    cell::Cell,
    hash::{BuildHasher, DefaultHasher, Hasher},
};

use crate::random;

/// A map with keys of this instance's own.
pub type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
/// A set with keys of this instance's own.
pub type HashSet<T> = std::collections::HashSet<T, RandomState>;

/// Makes hashers with secret keys.
///
/// Those of one state hash alike. The keys are drawn when the first state of an instance is made, and again after
/// init: a state that init made keeps its keys, later ones do not share them.
#[derive(Clone, Copy, Debug)]
pub struct RandomState([u64; 2]);

thread_local! {
    static KEYS: Cell<Option<[u64; 2]>> = const { Cell::new(None) };
}

impl RandomState {
    /// Makes a state that hashes unlike others.
    #[must_use]
    pub fn new() -> Self {
        let [one, other] = KEYS.get().unwrap_or_else(|| [random::u64(), random::u64()]);
        // As in the standard library: one draw serves all states of an instance, and none is like another.
        KEYS.set(Some([one.wrapping_add(1), other]));
        Self([one, other])
    }
}

impl Default for RandomState {
    fn default() -> Self {
        Self::new()
    }
}

impl BuildHasher for RandomState {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        let mut hasher = DefaultHasher::new();
        let Self([one, other]) = self;
        hasher.write_u64(*one);
        hasher.write_u64(*other);
        hasher
    }
}

/// Has the next state draw new keys.
pub(crate) fn forget_keys() {
    KEYS.set(None);
}

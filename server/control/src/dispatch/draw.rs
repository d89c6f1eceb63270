//! Points of the circle for requests that no key keeps on one version.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::Ids;

/// Draws points that spread evenly; cheap, shared by all threads, not for secrets.
pub(super) struct Draw(AtomicU64);

impl Draw {
    /// Starts at a random place.
    pub(super) fn new(ids: &Ids) -> Self {
        Self(AtomicU64::new(u64::from_le_bytes(ids.random())))
    }

    /// The next point: one step of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom
    /// number generators, 2014).
    pub(super) fn point(&self) -> u64 {
        const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.0.fetch_add(GAMMA, Ordering::Relaxed).wrapping_add(GAMMA);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_those_of_the_paper_and_fill_the_hundred() {
        let draw = Draw(AtomicU64::new(1_234_567));
        // Reference values of the published generator for this seed.
        assert_eq!([draw.point(), draw.point()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
        let tenth = (0..10_000).filter(|_| draw.point() % 100 < 10).count();
        assert!((850..1_150).contains(&tenth), "{tenth}");
    }
}

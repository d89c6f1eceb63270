//! Random numbers from the host, asked for at each call: nothing is kept, so nothing can be frozen.

use wasip2::random::random::{get_random_bytes, get_random_u64};

/// Draws 64 random bits, fit for keys and tokens.
#[must_use]
pub fn u64() -> u64 {
    get_random_u64()
}

/// Draws `N` random bytes, fit for keys and tokens.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

/// Fills `bytes` with random ones, fit for keys and tokens.
pub fn fill(bytes: &mut [u8]) {
    /// The platform gives at most 1 MiB in one call.
    const CHUNK_BYTES: usize = 1 << 16;
    for chunk in bytes.chunks_mut(CHUNK_BYTES) {
        let drawn = get_random_bytes(chunk.len() as u64);
        chunk.iter_mut().zip(drawn).for_each(|(byte, random)| *byte = random);
    }
}

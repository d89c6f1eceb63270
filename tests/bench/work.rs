//! The work of the workload `cpu`: the same steps in the plain server, in the guest and in JavaScript.
//!
//! Each step of the generator needs the one before it, so no compiler can do two at once or find a
//! shortcut, and a step takes as long in native code as in WebAssembly.

use std::time::{Duration, Instant};

/// Takes `rounds` steps of xorshift32 (Marsaglia: Xorshift RNGs, 2003) from a fixed seed.
pub(crate) fn xorshift(rounds: u32) -> u32 {
    let mut x: u32 = 0x9e37_79b9;
    for _ in 0..rounds {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
    }
    x
}

/// How many rounds take `wanted` on this machine, natively: by the fastest of some trials, which other
/// work on the machine disturbed least.
pub(crate) fn rounds_for(wanted: Duration) -> u32 {
    const TRIAL: u32 = 2_000_000;
    const TRIALS: usize = 15;
    let trial = |_| {
        let begun = Instant::now();
        std::hint::black_box(xorshift(std::hint::black_box(TRIAL)));
        begun.elapsed()
    };
    let fastest = (0..TRIALS).map(trial).min().unwrap_or(wanted);
    (f64::from(TRIAL) * wanted.as_secs_f64() / fastest.as_secs_f64()) as u32
}

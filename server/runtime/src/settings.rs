//! What the runtime is started with.

use std::time::Duration;

use crate::EgressSettings;

/// Figures of the runtime that hold for all functions.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Instances that may run at once, over all functions and both generations of WASI. Default
    /// 1,000; less when the kernel's limit on memory mappings asks for it.
    pub instances: u32,
    /// Fresh instances that wait for the next request of functions that are called again and again, over all
    /// functions. Default 64; 0 makes every instance when its request comes.
    pub ahead: u32,
    /// How often a running guest is interrupted to check its CPU budget and to let others run.
    /// Default 2 ms, and half of it while guests are at work that long: a budget is overrun by at most this much, and a
    /// request beside a guest that keeps its core busy waits about as long.
    pub epoch_tick: Duration,
    /// What guests' outgoing requests are held to.
    pub egress: EgressSettings,
}

impl Default for Settings {
    fn default() -> Self {
        let (epoch_tick, egress) = (Duration::from_millis(2), EgressSettings::default());
        Self { instances: 1_000, ahead: 64, epoch_tick, egress }
    }
}

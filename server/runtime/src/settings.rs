//! What the runtime is started with.

use std::time::Duration;

use crate::EgressSettings;

/// Figures of the runtime that hold for all functions.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Instances that may run at once, over all functions and both generations of WASI. Default
    /// 1,000; less when the kernel's limit on memory mappings asks for it.
    pub instances: u32,
    /// How often a running guest is interrupted to check its CPU budget and to let others run.
    /// Default 5 ms: a budget is overrun by at most this much.
    pub epoch_tick: Duration,
    /// What guests' outgoing requests are held to.
    pub egress: EgressSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self { instances: 1_000, epoch_tick: Duration::from_millis(5), egress: EgressSettings::default() }
    }
}

//! Holds one instance to its limits on memory, summed over all of its memories, and on its tables.

use std::sync::Arc;

use domain::Limits;
use wasmtime::ResourceLimiter;

use crate::{bounds, seat::Seat};

/// Grants memory and table elements up to their limits, and notes the peak and the first refusal in the account.
pub(crate) struct Memory {
    seat: Arc<Seat>,
    limit_bytes: usize,
    held_bytes: usize,
    table_elements: usize,
}

impl Memory {
    pub(crate) fn new(seat: Arc<Seat>, limits: &Limits) -> Self {
        let table_elements = limits.table_elements as usize;
        Self { seat, limit_bytes: limits.memory_bytes(), held_bytes: 0, table_elements }
    }

    /// What the instance holds now, in bytes.
    pub(crate) const fn held_bytes(&self) -> usize {
        self.held_bytes
    }

    fn refuse(&self, what: impl Fn() -> String) -> wasmtime::Result<bool> {
        self.seat.each(|account| {
            account.refused.get_or_init(&what);
        });
        Ok(false)
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let held = self.held_bytes.saturating_add(desired.saturating_sub(current));
        if held > self.limit_bytes {
            let most = self.limit_bytes >> 20;
            return self.refuse(|| format!("the guest asked for more memory than its limit, memory_mib = {most}"));
        }
        // A growth that the system then fails stays counted: too much is safe, too little is not.
        self.held_bytes = held;
        self.seat.each(|account| account.holds(held));
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let most = self.table_elements;
        if desired > most {
            return self
                .refuse(|| format!("the guest asked for a larger table than its limit, table_elements = {most}"));
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        bounds::CORE_INSTANCES as usize
    }

    fn tables(&self) -> usize {
        bounds::TABLES as usize
    }

    fn memories(&self) -> usize {
        bounds::MEMORIES as usize
    }
}

//! Holds one instance to its memory limit, summed over all of its memories.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use wasmtime::ResourceLimiter;

use crate::{account::Account, bounds};

/// Grants memory up to a limit and notes the peak and refusals in the account.
pub(crate) struct Memory {
    account: Arc<Account>,
    limit_bytes: usize,
    held_bytes: usize,
}

impl Memory {
    pub(crate) fn new(account: Arc<Account>, limit_bytes: usize) -> Self {
        Self { account, limit_bytes, held_bytes: 0 }
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let held = self.held_bytes.saturating_add(desired.saturating_sub(current));
        if held > self.limit_bytes {
            self.account.memory_refused.store(true, Relaxed);
            return Ok(false);
        }
        // A growth that the system then fails stays counted: too much is safe, too little is not.
        self.held_bytes = held;
        self.account.memory_peak_bytes.fetch_max(held as u64, Relaxed);
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= bounds::TABLE_ELEMENTS as usize)
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

//! Sizes the pool that instances come from, by what the kernel gives.

use std::fs;

use wasmtime::{Enabled, PoolingAllocationConfig, ResourcesRequired};

use crate::bounds;

/// Memory of a guest that stays in place between two instances of one slot, where that is safe. A small guest in Rust
/// writes less, one in JavaScript was as fast with half of it as with 2 MiB, and an echo of 1 MiB was 2 to 4 % slower;
/// each place of both pools may keep as much for good.
const KEPT_MEMORY_BYTES: usize = 512 << 10;
const KEPT_TABLE_BYTES: usize = 64 << 10;

/// How many instances may be alive at once: `plan`, or fewer where mappings or addresses would run out.
///
/// The kernel ends the process when it has no mapping left (`vm.max_map_count`), so the rest of the
/// server keeps 8,000 of them, and each instance is counted with eight. Each memory of each pool has
/// 4 GiB and its guards reserved for it, of the 128 TiB that a process can address; half of that is
/// left to the rest.
pub(crate) fn instances(plan: u32) -> u32 {
    plan.min(most(2, 8)).max(1)
}

/// Whether there may be pools for `instances` twice at a time: then each place has four mappings more, which it has
/// even while it is empty.
pub(crate) fn fits_twice(instances: u32) -> bool {
    instances <= most(4, 12)
}

/// The most instances with that many `pools`, and mappings of each instance over all of them.
fn most(pools: u64, mappings: u32) -> u32 {
    const LINUX_DEFAULT: u32 = 65_530;
    const MEMORY_BYTES: u64 = (4 << 30) + (64 << 20);
    let addressable = u32::try_from((64 << 40) / (pools * MEMORY_BYTES)).unwrap_or(u32::MAX);
    let allowed = fs::read_to_string("/proc/sys/vm/max_map_count")
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(LINUX_DEFAULT);
    (allowed.saturating_sub(8_000) / mappings).min(addressable)
}

/// Tables for each place of the pool, which is as many as a component of Rust has.
const TABLES_PER_PLACE: u32 = 4;

/// The places that an instance takes which requires so much: one for each memory, since every memory has mappings
/// of its own, and for each few tables.
pub(crate) fn places(required: &ResourcesRequired) -> u32 {
    required.num_memories.max(required.num_tables.div_ceil(TABLES_PER_PLACE)).max(1)
}

/// The pool of one engine.
pub(crate) fn configuration(instances: u32, reset: Reset) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances.saturating_mul(bounds::CORE_INSTANCES))
        // What the places count, and enough for one of the largest.
        .total_memories(instances.saturating_add(bounds::MEMORIES))
        .total_tables(instances.saturating_mul(TABLES_PER_PLACE).saturating_add(bounds::TABLES))
        .total_stacks(instances)
        .max_core_instances_per_component(bounds::CORE_INSTANCES)
        .max_memories_per_component(bounds::MEMORIES)
        .max_memories_per_module(bounds::MEMORIES_PER_MODULE)
        .max_tables_per_component(bounds::TABLES)
        .max_tables_per_module(bounds::TABLES_PER_MODULE)
        .table_elements(bounds::TABLE_ELEMENTS as usize);
    if reset == Reset::Scan {
        pool.pagemap_scan(Enabled::Yes)
            .linear_memory_keep_resident(KEPT_MEMORY_BYTES)
            .table_keep_resident(KEPT_TABLE_BYTES);
    }
    pool
}

/// How a slot is made clean between two instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reset {
    /// Written pages are found with `PAGEMAP_SCAN` and overwritten.
    Scan,
    /// Memory is given back to the kernel.
    Decommit,
}

impl Reset {
    /// Scanning needs Linux 6.7. It misses pages that were swapped out, and would leak them into the
    /// next instance: it is used only where nothing can be swapped out.
    pub(crate) fn for_this_machine() -> Self {
        let swaps = fs::read_to_string("/proc/swaps").unwrap_or_default();
        let allowance = fs::read_to_string("/sys/fs/cgroup/memory.swap.max").unwrap_or_default();
        match PoolingAllocationConfig::is_pagemap_scan_available() && !swaps_out(&swaps, &allowance) {
            true => Self::Scan,
            false => Self::Decommit,
        }
    }
}

/// Whether pages of this process may be swapped out, from the list of swap areas (a line of titles,
/// then one line each) and the control group's allowance.
fn swaps_out(swaps: &str, allowance: &str) -> bool {
    let unknown = swaps.is_empty();
    (unknown || swaps.lines().count() > 1) && allowance.trim() != "0"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_swap_area_that_we_may_use_swaps_out() {
        let titles = "Filename Type Size Used Priority\n";
        let area = format!("{titles}/swapfile file 2097148 0 -2\n");
        assert!(!swaps_out(titles, "max\n"));
        assert!(swaps_out(&area, "max\n"));
        assert!(!swaps_out(&area, "0\n"));
        assert!(swaps_out("", ""), "where nothing is known, the safe way is taken");
    }
}

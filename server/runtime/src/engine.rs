//! The two engines.
//!
//! Guests of WASI 0.2 run without the machinery of concurrent calls, which costs them time; guests
//! of WASI 0.3 need it. The same settings serve the compile worker, which runs what it makes outside of a pool.

use std::sync::Arc;

use domain::version::Wasi;
use wasmtime::{CacheStore, Config, Engine, EngineWeak, InstanceAllocationStrategy, OptLevel, RegallocAlgorithm};

use crate::{
    bounds,
    error::Error,
    pool::{self, Reset},
};

/// An engine per generation of WASI.
#[derive(Clone)]
pub(crate) struct Engines {
    preview2: Engine,
    preview3: Engine,
}

impl Engines {
    /// Engines that run guests, `instances` of each at most.
    ///
    /// # Errors
    ///
    /// The pools cannot be reserved.
    pub(crate) fn running(instances: u32) -> Result<Self, Error> {
        let reset = Reset::for_this_machine();
        tracing::debug!(instances, ?reset, "instance pools are reserved");
        let pooled = |wasi| pooled(wasi, instances, reset).map_err(|error| Error::Engine(error.into()));
        Ok(Self { preview2: pooled(Wasi::Preview2)?, preview3: pooled(Wasi::Preview3)? })
    }

    /// The engine for guests of `wasi`.
    pub(crate) const fn of(&self, wasi: Wasi) -> &Engine {
        match wasi {
            Wasi::Preview2 => &self.preview2,
            Wasi::Preview3 => &self.preview3,
        }
    }

    /// The engines, for a clock that is not to keep them alive.
    pub(crate) fn weak(&self) -> [EngineWeak; 2] {
        [self.preview2.weak(), self.preview3.weak()]
    }

    /// Bytes that the pools may hold for instances that are gone. How much of a stack was used is not known: whole ones
    /// are counted.
    pub(crate) fn kept_bytes(&self) -> usize {
        let pools = [&self.preview2, &self.preview3].into_iter().filter_map(Engine::pooling_allocator_metrics);
        let kept = pools.map(|pool| {
            let stacks = pool.unused_warm_stacks() as usize * bounds::STACK_BYTES;
            pool.unused_memory_bytes_resident() + pool.unused_table_bytes_resident() + stacks
        });
        kept.sum()
    }
}

/// An engine with places for `instances` of guests of `wasi`.
fn pooled(wasi: Wasi, instances: u32, reset: Reset) -> wasmtime::Result<Engine> {
    let pool = InstanceAllocationStrategy::Pooling(pool::configuration(instances, reset));
    Engine::new(settings(wasi).allocation_strategy(pool))
}

/// An engine with one place, to see whether a component fits it.
///
/// # Errors
///
/// The place cannot be reserved.
pub(crate) fn of_one(wasi: Wasi) -> wasmtime::Result<Engine> {
    pooled(wasi, 1, Reset::Decommit)
}

/// An engine that compiles for `wasi`, taking what it can from `cache`; where it is not to `optimise`, in less time
/// and memory and to slower code.
///
/// # Errors
///
/// The settings do not fit this machine.
pub(crate) fn compiling(wasi: Wasi, optimise: bool, cache: Option<Arc<dyn CacheStore>>) -> wasmtime::Result<Engine> {
    let mut settings = settings(wasi);
    settings.memory_guaranteed_dense_image_size(bounds::IMAGE_BYTES);
    if !optimise {
        settings.cranelift_opt_level(OptLevel::None).cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass);
    }
    if let Some(cache) = cache {
        settings.enable_incremental_compilation(cache)?;
    }
    Engine::new(&settings)
}

/// All that an artifact depends on.
fn settings(wasi: Wasi) -> Config {
    let mut config = Config::new();
    config
        .cranelift_opt_level(OptLevel::Speed)
        .epoch_interruption(true)
        .max_wasm_stack(bounds::STACK_BYTES)
        .memory_init_cow(true)
        // Where in its code a guest trapped is told to nobody: to know it would cost a walk of the stack for each trap,
        // and a seventh of each artifact (793 KB of the guest hello's would be 921 KB).
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .native_unwind_info(false)
        .wasm_component_model(true)
        .wasm_memory64(false);
    match wasi {
        Wasi::Preview2 => config.concurrency_support(false),
        Wasi::Preview3 => config.wasm_component_model_async(true),
    };
    config
}

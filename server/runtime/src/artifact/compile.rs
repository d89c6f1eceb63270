//! Compiles a checked component, and tries whether the result links.

use domain::{Failure, version::Wasi};
use wasmtime::{Engine, component::Component};
use wasmtime_wasi_http::{p2::bindings::ProxyPre, p3::bindings::ServicePre};

use super::{
    refusal::{invalid, refusal},
    shape::within,
};
use crate::{bounds, engine, link::linker};

/// Compiles `bytes` for the engine of `wasi`.
///
/// # Errors
///
/// `invalid-component`, or whatever [`linking`] finds.
pub(super) fn compile(bytes: &[u8], wasi: Wasi) -> Result<Vec<u8>, Failure> {
    let engine = engine::compiling(wasi).map_err(invalid)?;
    let artifact = engine.precompile_component(bytes).map_err(|error| invalid(format!("{error:#}")))?;
    linking(&engine, &artifact, wasi)?;
    Ok(artifact)
}

/// Links `artifact` as the server will, so that a version that is ready never fails to.
///
/// # Errors
///
/// `too-complex` when it does not fit the pool, `unknown-import` when an interface that is offered
/// lacks a function, `no-handler` when the handler has another signature.
fn linking(engine: &Engine, artifact: &[u8], wasi: Wasi) -> Result<(), Failure> {
    #[allow(unsafe_code, reason = "the bytes come from this engine, some lines above")]
    // SAFETY: `artifact` is what `Engine::precompile_component` of this process returned.
    let component = unsafe { Component::deserialize(engine, artifact) }.map_err(invalid)?;
    if let Some(required) = component.resources_required() {
        within("memories", required.num_memories as usize, bounds::MEMORIES as usize)?;
        within("tables", required.num_tables as usize, bounds::TABLES as usize)?;
        let elements = required.max_initial_table_size.and_then(|size| usize::try_from(size).ok()).unwrap_or(0);
        within("elements in one table", elements, bounds::TABLE_ELEMENTS as usize)?;
    }
    let linked = linker(engine, wasi)
        .and_then(|linker| linker.instantiate_pre(&component))
        .map_err(|error| refusal("unknown-import", format!("the component does not link: {error:#}")))?;
    let handler = match wasi {
        Wasi::Preview2 => ProxyPre::new(linked).map(drop),
        Wasi::Preview3 => ServicePre::new(linked).map(drop),
    };
    handler.map_err(|error| refusal("no-handler", format!("the component's handler has another signature: {error:#}")))
}

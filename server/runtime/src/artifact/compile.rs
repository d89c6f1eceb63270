//! Compiles a checked component, and tries whether the result links and starts.

use std::time::Duration;

use domain::{Failure, version::Wasi};
use wasmtime::{Engine, component::Component};

use super::{
    limits,
    refusal::{refusal, uncompiled},
    shape::within,
    trial::{Stop, Trial},
};
use crate::{bounds, engine, link::linker, linked::Linked};

/// Compiles `bytes` with `engine`, which is for `wasi`, and links the result as the server will, so that a version
/// that is ready never fails to.
///
/// # Errors
///
/// `invalid-component` when the component is not valid, `too-complex` when it does not fit the pool,
/// `unknown-import` when an interface that is offered lacks a function, `no-handler` when a handler has another
/// signature.
pub(super) fn compile(engine: &Engine, bytes: &[u8], wasi: Wasi) -> Result<Vec<u8>, Failure> {
    let artifact = engine.precompile_component(bytes).map_err(|error| uncompiled(&error))?;
    let component = loaded(engine, &artifact).map_err(|error| uncompiled(&error))?;
    if let Some(required) = component.resources_required() {
        within("memories", required.num_memories as usize, bounds::MEMORIES as usize)?;
        within("tables", required.num_tables as usize, bounds::TABLES as usize)?;
        let elements = required.max_initial_table_size.and_then(|size| usize::try_from(size).ok()).unwrap_or(0);
        within("elements in one table", elements, bounds::TABLE_ELEMENTS as usize)?;
    }
    fits(&artifact, wasi)?;
    let linked = linker(engine, wasi)
        .and_then(|linker| linker.instantiate_pre(&component))
        .map_err(|error| refusal("unknown-import", format!("the component does not link: {error:#}")))?;
    let unlike = |error| refusal("no-handler", format!("a handler of the component has another signature: {error:#}"));
    Linked::new(linked, wasi).map_err(unlike)?;
    Ok(artifact)
}

/// Compiles `bytes` as [`compile`] does, and makes one instance of it within `most`.
///
/// # Errors
///
/// Why that cannot be done, in one sentence.
pub(super) fn compile_and_start(engine: &Engine, bytes: &[u8], wasi: Wasi, most: Duration) -> Result<Vec<u8>, String> {
    let artifact = compile(engine, bytes, wasi).map_err(|failure| failure.message)?;
    let component = loaded(engine, &artifact).map_err(|error| format!("{error:#}"))?;
    let started = limits::with_room_for_an_instance(|| {
        let mut trial = Trial::new(engine, most);
        let linker = trial.linker(wasi).map_err(|error| Stop::Hindered(format!("{error:#}")))?;
        trial.run(async |store| linker.instantiate_async(store, &component).await)
    });
    match started {
        Ok(Ok(_)) => Ok(artifact),
        Ok(Err(stop)) => Err(format!("an instance of the snapshot could not be made: {stop}")),
        Err(error) => Err(format!("an instance of the snapshot could not be tried: {error}")),
    }
}

/// Loads `artifact` as the server will, into a pool of one place, which counts what instances of inner components
/// come to: each may make others.
fn fits(artifact: &[u8], wasi: Wasi) -> Result<(), Failure> {
    let load = || engine::of_one(wasi).and_then(|engine| loaded(&engine, artifact)).map(drop);
    let too_large = |error: &dyn std::fmt::Display| {
        refusal("too-complex", format!("an instance of the component takes more than the platform gives: {error:#}"))
    };
    let tried = limits::with_room_for_an_instance(load).map_err(|error| too_large(&error))?;
    tried.map_err(|error| too_large(&error))
}

fn loaded(engine: &Engine, artifact: &[u8]) -> wasmtime::Result<Component> {
    #[allow(unsafe_code, reason = "the bytes come from an engine of this process, some lines before")]
    // SAFETY: `artifact` is what `Engine::precompile_component` of this process returned.
    unsafe {
        Component::deserialize(engine, artifact)
    }
}

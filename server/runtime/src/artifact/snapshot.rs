//! The snapshot: runs a component's init once, and makes of it a component that begins where init ended.
//!
//! Frozen are memories and globals. What an instance holds besides, such as a handle to one of the host's
//! streams, would be lost, and what init learned of its surroundings would stay for ever: where either could
//! be, the component is left as it was, and the version says why.

mod state;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use domain::{
    Failure,
    version::{Start, Wasi},
};
use wasmparser::{CanonicalFunction, Parser, Payload};
use wasmtime::{
    Engine, Store,
    component::{Component, ComponentExportIndex, Instance, types::ComponentItem},
};
use wasmtime_wizer::Wizer;

use self::state::State;
use super::{
    limits,
    refusal::{invalid, refusal, uncompiled},
    shape,
    trial::{Stop, Trial},
};
use crate::state::Guest;

/// The export that is run before a component is frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Init {
    /// The interface that it is in, such as `dormouse:lifecycle/init@0.1.0`; none for a bare function.
    pub(super) interface: Option<String>,
    /// The function's name.
    pub(super) function: &'static str,
}

impl Init {
    /// The init among a component's `exports`; the interface where there are both.
    pub(super) fn among(exports: &[String]) -> Option<Self> {
        const INTERFACE: &str = "dormouse:lifecycle/init@0.1.";
        const BARE: &str = "wizer-initialize";
        let interface = exports.iter().find(|name| name.starts_with(INTERFACE)).cloned();
        match interface {
            Some(interface) => Some(Self { interface: Some(interface), function: "init" }),
            None => exports.iter().any(|name| name == BARE).then_some(Self { interface: None, function: BARE }),
        }
    }

    fn name(&self) -> &str {
        self.interface.as_deref().unwrap_or(self.function)
    }

    /// Finds the function in `component`.
    ///
    /// # Errors
    ///
    /// `init-signature` when it is not one without parameters, results and `async`.
    fn find(&self, component: &Component) -> Result<ComponentExportIndex, Failure> {
        let interface = self.interface.as_deref().and_then(|name| component.get_export_index(None, name));
        match component.get_export(interface.as_ref(), self.function) {
            Some((ComponentItem::ComponentFunc(function), index))
                if function.params().len() == 0 && function.results().len() == 0 && !function.async_() =>
            {
                Ok(index)
            }
            _ => {
                let message = format!(
                    "the component's init in {} has another signature; it is `{}: func()`, without parameters, \
                     results or async",
                    self.name(),
                    self.function
                );
                Err(refusal("init-signature", message))
            }
        }
    }
}

/// What came of running init.
pub(super) struct Taken {
    /// The component to compile: with what init left, where that could be frozen.
    pub(super) component: Option<Vec<u8>>,
    /// What that means for its instances.
    pub(super) start: Start,
    /// What init wrote.
    pub(super) log: String,
}

impl Taken {
    /// There is no init.
    pub(super) fn plain() -> Self {
        Self { component: None, start: Start::Plain, log: String::new() }
    }

    fn nothing(reason: impl Into<String>, log: String) -> Self {
        Self { component: None, start: Start::Fallback { reason: reason.into() }, log }
    }
}

/// Runs `init` of the component `bytes` for `most` and freezes what it left.
///
/// # Errors
///
/// `init-signature`, `init-trapped`, `init-out-of-time` or `init-out-of-memory`: the component's init is at fault.
pub(super) fn take(engine: &Engine, bytes: &[u8], init: &Init, wasi: Wasi, most: Duration) -> Result<Taken, Failure> {
    if let Some(reason) = unfit(bytes)? {
        return Ok(Taken::nothing(reason, String::new()));
    }
    let mut wizer = Wizer::new();
    // Without its init the component would not be valid any more (wasmtime-wizer 48.0.8).
    wizer.keep_init_func(true);
    // It checks its own output with assertions: where one fails, the component is left as it was.
    let taking = || frozen(&wizer, engine, bytes, init, wasi, most);
    match catch_unwind(AssertUnwindSafe(taking)) {
        Ok(taken) => taken,
        Err(_) => {
            Ok(Taken::nothing("the snapshot could not be written; the platform's log has the details", String::new()))
        }
    }
}

fn frozen(
    wizer: &Wizer,
    engine: &Engine,
    bytes: &[u8],
    init: &Init,
    wasi: Wasi,
    most: Duration,
) -> Result<Taken, Failure> {
    let (context, instrumented) = match wizer.instrument_component(bytes) {
        Ok(instrumented) => instrumented,
        Err(error) => return Ok(Taken::nothing(format!("the component cannot be frozen: {error:#}"), String::new())),
    };
    let component = Component::new(engine, &instrumented).map_err(|error| uncompiled(&error))?;
    let index = init.find(&component)?;
    let mut trial = Trial::new(engine, most);
    let linker = trial.linker(wasi).map_err(invalid)?;
    let run = async |store: &mut Store<Guest>| {
        let instance = linker.instantiate_async(&mut *store, &component).await?;
        let busy = tasks(store, wasi);
        instance.get_typed_func::<(), ()>(&mut *store, index)?.call_async(&mut *store, ()).await?;
        Ok((instance, tasks(store, wasi) > busy))
    };
    // The instance goes before the room for it does: whoever asks for memory in between would get none.
    let ran = limits::with_room_for_an_instance(|| {
        let ran = trial.run(run).map(|(instance, left_tasks)| {
            if let Some(reason) = lost(&mut trial, left_tasks) {
                return (Err(reason.to_owned()), 0);
            }
            let memory_bytes = trial.memory_bytes();
            let snapshot = trial.run(async |store| snapshot(wizer, &context, store, instance).await);
            (snapshot.map_err(|stop| format!("what init left cannot be read: {stop}")), memory_bytes)
        });
        (ran, trial.end())
    });
    let (ran, (log, init_us)) = ran.map_err(invalid)?;
    let (snapshot, memory_bytes) = match ran {
        Ok(ran) => ran,
        Err(Stop::Hindered(reason)) => return Ok(Taken::nothing(format!("init could not be run: {reason}"), log)),
        Err(stop) => return Err(fault(init, &stop, most, &log)),
    };
    let fitting = snapshot.and_then(|frozen| match shape::check(&frozen) {
        Ok(()) => Ok(frozen),
        Err(failure) => Err(format!("with what init left, {}", failure.message)),
    });
    Ok(match fitting {
        Ok(frozen) => Taken { component: Some(frozen), start: Start::Snapshot { init_us, memory_bytes }, log },
        Err(reason) => Taken::nothing(reason, log),
    })
}

async fn snapshot(
    wizer: &Wizer,
    context: &wasmtime_wizer::ComponentContext<'_>,
    store: &mut Store<Guest>,
    instance: Instance,
) -> wasmtime::Result<Vec<u8>> {
    let mut state = State::new(store, instance);
    let frozen = wizer.snapshot_component(context, &mut state).await;
    state.end()?;
    frozen
}

/// Tasks, streams and futures that the store of an engine for `wasi` keeps.
fn tasks(store: &mut Store<Guest>, wasi: Wasi) -> usize {
    match wasi {
        Wasi::Preview2 => 0,
        Wasi::Preview3 => store.concurrent_state_table_size(),
    }
}

/// What an instance that is made from the snapshot would miss.
fn lost(trial: &mut Trial, left_tasks: bool) -> Option<&'static str> {
    if trial.read_variables() {
        return Some(
            "init read its environment, which is empty while a version is prepared and would have stayed so; read \
             variables when a request comes",
        );
    }
    (left_tasks || trial.holds_resources()).then_some(
        "init left something of the platform's open, such as the stream that print opens, and an instance made \
         from a snapshot would not have it; close it, and write lines with the SDK's log",
    )
}

/// Why a component cannot be frozen, as far as its file tells.
fn unfit(bytes: &[u8]) -> Result<Option<&'static str>, Failure> {
    for payload in Parser::new(0).parse_all(bytes) {
        let Payload::ComponentCanonicalSection(functions) = payload.map_err(invalid)? else { continue };
        for function in functions {
            if let CanonicalFunction::ResourceNew { .. } = function.map_err(invalid)? {
                return Ok(Some(
                    "the component has resources of its own, and handles to them are not part of a snapshot",
                ));
            }
        }
    }
    Ok(None)
}

/// Says that init is at fault, and repeats its last words.
fn fault(init: &Init, stop: &Stop, most: Duration, log: &str) -> Failure {
    let name = init.name();
    // A panic's message ends with a note of its library's own.
    let told = |line: &&str| !line.is_empty() && !line.starts_with("note: ");
    let last_words = match log.lines().rfind(told) {
        Some(line) => format!("; the last that it wrote is {line:?}"),
        None => String::new(),
    };
    match stop {
        Stop::OutOfTime => {
            let message = format!(
                "the component's init ({name}) took more than {} ms; let it do less, or do it when it is first \
                 needed{last_words}",
                most.as_millis()
            );
            refusal("init-out-of-time", message)
        }
        Stop::OutOfMemory => {
            let message = format!(
                "the component's init ({name}) asked for more than {} MiB of memory; let it prepare less{last_words}",
                Trial::MEMORY_MIB
            );
            refusal("init-out-of-memory", message)
        }
        Stop::Trapped(why) | Stop::Hindered(why) => {
            let message = format!("the component's init ({name}) did not end well: {why}{last_words}");
            refusal("init-trapped", message)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interface_goes_before_the_bare_function() {
        let among = |names: &[&str]| Init::among(&names.iter().map(ToString::to_string).collect::<Vec<_>>());
        let interface = "dormouse:lifecycle/init@0.1.0".to_owned();
        let bare = Init { interface: None, function: "wizer-initialize" };
        assert_eq!(among(&["wasi:http/incoming-handler@0.2.0"]), None);
        assert_eq!(among(&["dormouse:lifecycle/init@0.2.0"]), None);
        assert_eq!(among(&["wizer-initialize"]), Some(bare));
        let both = among(&["wizer-initialize", "dormouse:lifecycle/init@0.1.0"]);
        assert_eq!(both, Some(Init { interface: Some(interface), function: "init" }));
    }
}

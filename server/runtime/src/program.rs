//! The runtime's handle, and programs: components that are loaded and pre-linked.

use std::{fmt, hash, path::Path, sync::Arc, thread, time::Duration};

use domain::{Configuration, Digest, version::Wasi};
use sha2::{Digest as _, Sha256};
use wasmtime::component::{Component, Linker};

use crate::{
    Error, Function, Host, LoadError, MacKey, Settings, bounds, egress::Egress, engine::Engines, instances::Places,
    link, linked::Linked, pool, state::Guest,
};

/// Runs guests. A cheap handle: clones share engines and pools.
#[derive(Clone)]
pub struct Runtime {
    engines: Engines,
    linkers: Arc<Linkers>,
    egress: Egress,
    places: Places,
}

/// What the platform offers, ready to be linked.
struct Linkers {
    preview2: Linker<Guest>,
    preview3: Linker<Guest>,
}

impl Runtime {
    /// Reserves the pools and starts the clock of the engines.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`] when the pools cannot be reserved, [`Error::Ticker`] when the clock's thread
    /// cannot start.
    pub fn start(settings: &Settings) -> Result<Self, Error> {
        let instances = pool::instances(settings.instances);
        let engines = Engines::running(instances)?;
        let linker = |wasi| link::linker(engines.of(wasi), wasi).map_err(|error| Error::Engine(error.into()));
        let linkers = Arc::new(Linkers { preview2: linker(Wasi::Preview2)?, preview3: linker(Wasi::Preview3)? });
        let egress = Egress::open(&settings.egress)?;
        let places = Places::new(instances as usize, settings.ahead as usize);
        start_ticker(&engines, settings.epoch_tick, places.clone())?;
        Ok(Self { engines, linkers, egress, places })
    }

    /// The name under which this build finds the artifact of `component`: another engine, another
    /// machine's features or another pipeline gives another name.
    #[must_use]
    pub fn artifact_key(&self, component: &Digest) -> ArtifactKey {
        let mut hash = KeyHasher(Sha256::new());
        hash.0.update(component.as_bytes());
        hash.0.update(PIPELINE.to_le_bytes());
        for wasi in [Wasi::Preview2, Wasi::Preview3] {
            hash::Hash::hash(&self.engines.of(wasi).precompile_compatibility_hash(), &mut hash);
        }
        ArtifactKey(hex::encode(hash.0.finalize()))
    }

    /// Loads an artifact that [`crate::artifact::Compiler`] made for a component of `wasi`.
    ///
    /// Blocks while it reads the file: call it where blocking is allowed.
    ///
    /// # Errors
    ///
    /// [`LoadError::Tampered`] when the file does not carry `mac` under `key`,
    /// [`LoadError::Incompatible`] when another engine made it, [`LoadError::Io`] when it cannot be read.
    pub fn load(&self, artifact: &Path, mac: &[u8; 32], key: &MacKey, wasi: Wasi) -> Result<Program, LoadError> {
        if !key.verifies(artifact, mac).map_err(LoadError::Io)? {
            return Err(LoadError::Tampered);
        }
        let (linked, each) = self.link(artifact, wasi).map_err(|error| LoadError::Incompatible(error.into()))?;
        Ok(Program { linked, egress: self.egress.clone(), places: self.places.taken_by(each) })
    }

    /// Places that are taken now: one for each instance that is alive, more for the largest ones.
    #[must_use]
    pub fn running(&self) -> usize {
        self.places.taken()
    }

    /// The linked program, and the places that each of its instances takes.
    fn link(&self, artifact: &Path, wasi: Wasi) -> wasmtime::Result<(Linked, u32)> {
        #[allow(unsafe_code, reason = "the file carries our MAC, so this server's pipeline made its native code")]
        // SAFETY: the bytes come from `Engine::precompile_component` of the same build, and only the
        // server writes in its data folder.
        let component = unsafe { Component::deserialize_file(self.engines.of(wasi), artifact)? };
        let each = component.resources_required().map_or(bounds::MEMORIES, |required| pool::places(&required));
        let linker = match wasi {
            Wasi::Preview2 => &self.linkers.preview2,
            Wasi::Preview3 => &self.linkers.preview3,
        };
        Ok((Linked::new(linker.instantiate_pre(&component)?, wasi)?, each))
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("running", &self.running()).finish_non_exhaustive()
    }
}

/// A component that is loaded and linked. A cheap handle.
#[derive(Clone)]
pub struct Program {
    pub(crate) linked: Linked,
    pub(crate) egress: Egress,
    pub(crate) places: Places,
}

impl Program {
    /// The program as a version with `configuration` runs it; `host` answers what its guests ask of the platform.
    ///
    /// Instances that are to be made ahead are made by tasks of the calling executor.
    #[must_use]
    pub fn function(&self, configuration: Configuration, host: Arc<dyn Host>) -> Function {
        Function::new(self, configuration, host)
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program").finish_non_exhaustive()
    }
}

/// Interrupts the guests of `engines` every `tick` while any has one of `places`.
fn start_ticker(engines: &Engines, tick: Duration, places: Places) -> Result<(), Error> {
    let engines = engines.weak();
    let work = move || places.ticker().run(&engines, tick, || places.taken() > 0);
    thread::Builder::new().name("epoch-ticker".to_owned()).spawn(work).map_err(Error::Ticker)?;
    Ok(())
}

/// The version of the pipeline: raised whenever it makes another artifact of the same component.
const PIPELINE: u32 = 2;

/// Names an artifact: 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ArtifactKey(String);

impl ArtifactKey {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ArtifactKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Feeds whatever is hashable to SHA-256.
struct KeyHasher(Sha256);

impl hash::Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Unused: the name is the whole digest.
    fn finish(&self) -> u64 {
        0
    }
}

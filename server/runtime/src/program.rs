//! The runtime's handle, and programs: components that are loaded and pre-linked.

use std::{fmt, hash, path::Path, sync::Arc, thread, time::Duration};

use domain::{Configuration, Digest, version::Wasi};
use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;

use crate::{
    Error, Function, Host, LoadError, MacKey, Settings, bounds, egress::Egress, instances::Places, linked::Linked,
    pool, site::Sites, ticker::Clocked,
};

/// Runs guests. A cheap handle: clones share engines and pools.
#[derive(Clone)]
pub struct Runtime {
    sites: Arc<Sites>,
    egress: Egress,
    places: Places,
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
        let clocked = Arc::new(Clocked::default());
        let sites = Arc::new(Sites::open(instances, Arc::clone(&clocked))?);
        let egress = Egress::open(&settings.egress)?;
        let places = Places::new(instances as usize, settings.ahead as usize);
        start_ticker(clocked, settings.epoch_tick, places.clone())?;
        tracing::info!(instances, "instances may run");
        Ok(Self { sites, egress, places })
    }

    /// Replaces the pools after a busy time: where they keep memory for instances that are gone, and at most half as many
    /// were there at once since this was called last as there were before. Functions stay on the pools that they were
    /// loaded on, and keep them: returns whether there may be any that are not [current](Self::is_current).
    ///
    /// Blocks for some milliseconds: call it where blocking is allowed, and as rarely as a busy time is to be long.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`] when new pools cannot be reserved; nothing has changed then.
    pub fn shrink(&self) -> Result<bool, Error> {
        self.sites.renew(&self.places)
    }

    /// Whether `function` is on the pools that a function which is loaded now would be on.
    #[must_use]
    pub fn is_current(&self, function: &Function) -> bool {
        self.sites.now().has(function.engine())
    }

    /// The name under which this build finds the artifact of `component`: another engine, another
    /// machine's features or another pipeline gives another name.
    #[must_use]
    pub fn artifact_key(&self, component: &Digest) -> ArtifactKey {
        let mut hash = KeyHasher(Sha256::new());
        hash.0.update(component.as_bytes());
        hash.0.update(PIPELINE.to_le_bytes());
        let site = self.sites.now();
        for wasi in [Wasi::Preview2, Wasi::Preview3] {
            hash::Hash::hash(&site.engine(wasi).precompile_compatibility_hash(), &mut hash);
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
        let site = self.sites.now();
        #[allow(unsafe_code, reason = "the file carries our MAC, so this server's pipeline made its native code")]
        // SAFETY: the bytes come from `Engine::precompile_component` of the same build, and only the
        // server writes in its data folder.
        let component = unsafe { Component::deserialize_file(site.engine(wasi), artifact)? };
        let each = component.resources_required().map_or(bounds::MEMORIES, |required| pool::places(&required));
        Ok((Linked::new(site.linker(wasi).instantiate_pre(&component)?, wasi)?, each))
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
fn start_ticker(engines: Arc<Clocked>, tick: Duration, places: Places) -> Result<(), Error> {
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

//! The runtime's handle, and programs: components that are loaded and pre-linked.

use std::{collections::BTreeSet, fmt, hash, path::Path, sync::Arc};

use domain::{Digest, Limits, OutboundHost, version::Wasi};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi_http::{p2::bindings::ProxyPre, p3::bindings::ServicePre};

use crate::{
    Body, Call, Error, Fault, LoadError, MacKey, Outbound, Settings,
    egress::Egress,
    engine::Engines,
    http::{self as invocation, Preview2, Preview3},
    link, pool,
    state::Guest,
};

/// Runs guests. A cheap handle: clones share engines and pools.
#[derive(Clone)]
pub struct Runtime {
    engines: Engines,
    linkers: Arc<Linkers>,
    egress: Egress,
    places: Arc<Semaphore>,
    instances: usize,
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
        let engines = Engines::running(instances, settings.epoch_tick)?;
        let linker = |wasi| link::linker(engines.of(wasi), wasi).map_err(|error| Error::Engine(error.into()));
        let linkers = Arc::new(Linkers { preview2: linker(Wasi::Preview2)?, preview3: linker(Wasi::Preview3)? });
        let egress = Egress::open(&settings.egress)?;
        let instances = instances as usize;
        Ok(Self { engines, linkers, egress, places: Arc::new(Semaphore::new(instances)), instances })
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
        let pre = self.link(artifact, wasi).map_err(|error| LoadError::Incompatible(error.into()))?;
        Ok(Program { pre, places: Arc::clone(&self.places) })
    }

    /// The permission to call `allowed` and nothing else, within `limits`; `None` where that is nothing.
    #[must_use]
    pub fn outbound(&self, allowed: BTreeSet<OutboundHost>, limits: &Limits) -> Option<Arc<Outbound>> {
        let Limits { outbound_connections, outbound_body_bytes, .. } = *limits;
        (!allowed.is_empty())
            .then(|| Arc::new(Outbound::new(&self.egress, allowed, outbound_connections, outbound_body_bytes)))
    }

    /// Instances that are alive now.
    #[must_use]
    pub fn running(&self) -> usize {
        self.instances - self.places.available_permits()
    }

    fn link(&self, artifact: &Path, wasi: Wasi) -> wasmtime::Result<Pre> {
        #[allow(unsafe_code, reason = "the file carries our MAC, so this server's pipeline made its native code")]
        // SAFETY: the bytes come from `Engine::precompile_component` of the same build, and only the
        // server writes in its data folder.
        let component = unsafe { Component::deserialize_file(self.engines.of(wasi), artifact)? };
        Ok(match wasi {
            Wasi::Preview2 => {
                let linked = self.linkers.preview2.instantiate_pre(&component)?;
                Pre::Preview2(Preview2::new(ProxyPre::new(linked)?))
            }
            Wasi::Preview3 => {
                let linked = self.linkers.preview3.instantiate_pre(&component)?;
                Pre::Preview3(Preview3::new(ServicePre::new(linked)?))
            }
        })
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("instances", &self.instances).finish_non_exhaustive()
    }
}

/// A component that is loaded and linked; instances are made from it. A cheap handle.
#[derive(Clone)]
pub struct Program {
    pre: Pre,
    places: Arc<Semaphore>,
}

impl Program {
    /// Runs one HTTP invocation in a fresh instance and gives the answer as soon as its head is
    /// there; its body streams while the guest runs on.
    ///
    /// The request needs a host: in its URI, or as its `host` header. Cancel safe: dropping the
    /// future or the answer's body ends the guest.
    ///
    /// # Errors
    ///
    /// A [`Fault`] when there is no head to give. What goes wrong later breaks the body off with an
    /// error; [`Call::on_end`] hears of both.
    pub async fn http(&self, call: Call, request: http::Request<Body>) -> Result<http::Response<Body>, Fault> {
        let permit = Arc::clone(&self.places).try_acquire_owned().ok();
        match &self.pre {
            Pre::Preview2(pre) => invocation::invoke(pre, permit, call, request).await,
            Pre::Preview3(pre) => invocation::invoke(pre, permit, call, request).await,
        }
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program").finish_non_exhaustive()
    }
}

#[derive(Clone)]
enum Pre {
    Preview2(Preview2),
    Preview3(Preview3),
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

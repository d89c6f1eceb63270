//! The engines that guests run on now, with what they offer; and their successors.
//!
//! A pool keeps what its places were used for: some memory of each, and of each stack all that a guest ever touched. The
//! most instances that there were at once decide how much that is, and only the end of a pool gives it back. So after a
//! busy time new engines take the place of the old ones, which go with the last function and the last instance on them.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use domain::version::Wasi;
use wasmtime::{Engine, component::Linker};

use crate::{Error, engine::Engines, instances::Places, link, pool, state::Guest, ticker::Clocked};

/// What pools may keep without being replaced, in bytes: a tenth of what a small server takes.
const WORTH_IT_BYTES: usize = 4 << 20;

/// Engines, and what the platform offers on them.
pub(crate) struct Site {
    engines: Engines,
    preview2: Linker<Guest>,
    preview3: Linker<Guest>,
}

impl Site {
    /// Engines for `instances` of each generation of WASI at most.
    fn new(instances: u32) -> Result<Self, Error> {
        let engines = Engines::running(instances)?;
        let linker = |wasi| link::linker(engines.of(wasi), wasi).map_err(|error| Error::Engine(error.into()));
        Ok(Self { preview2: linker(Wasi::Preview2)?, preview3: linker(Wasi::Preview3)?, engines })
    }

    /// The engine for guests of `wasi`.
    pub(crate) const fn engine(&self, wasi: Wasi) -> &Engine {
        self.engines.of(wasi)
    }

    /// What guests of `wasi` are linked with.
    pub(crate) const fn linker(&self, wasi: Wasi) -> &Linker<Guest> {
        match wasi {
            Wasi::Preview2 => &self.preview2,
            Wasi::Preview3 => &self.preview3,
        }
    }

    /// Whether `engine` is one of these.
    pub(crate) fn has(&self, engine: &Engine) -> bool {
        [Wasi::Preview2, Wasi::Preview3].into_iter().any(|wasi| Engine::same(self.engine(wasi), engine))
    }
}

/// The site of now.
pub(crate) struct Sites {
    now: RwLock<Arc<Site>>,
    /// The engines of all sites that still live.
    clocked: Arc<Clocked>,
    instances: u32,
    /// The most places that were taken at once since the site was made.
    most_taken: AtomicUsize,
}

impl Sites {
    /// Makes the first one, whose engines are `clocked` from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`] when the pools cannot be reserved.
    pub(crate) fn open(instances: u32, clocked: Arc<Clocked>) -> Result<Self, Error> {
        let site = Site::new(instances)?;
        clocked.add(&site.engines);
        Ok(Self { now: RwLock::new(Arc::new(site)), clocked, instances, most_taken: AtomicUsize::new(0) })
    }

    /// The site of now, to load on.
    pub(crate) fn now(&self) -> Arc<Site> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes a new one where at most half of the places were taken since this was called last that were taken at once
    /// before, and the pools keep memory for the others. Whether a former site lives: of now, or still.
    ///
    /// There are two at most, and one where mappings or addresses would not suffice for two.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`] when the new pools cannot be reserved; the site stays.
    pub(crate) fn renew(&self, places: &Places) -> Result<bool, Error> {
        let lately = places.most_lately();
        let most = self.most_taken.fetch_max(lately, Relaxed).max(lately);
        if self.clocked.has_former() {
            return Ok(true);
        }
        let kept_bytes = self.now().engines.kept_bytes();
        if lately > most / 2 || kept_bytes < WORTH_IT_BYTES || !pool::fits_twice(self.instances) {
            return Ok(false);
        }
        let site = Site::new(self.instances)?;
        self.clocked.add(&site.engines);
        let former = std::mem::replace(&mut *self.now.write().unwrap_or_else(PoisonError::into_inner), Arc::new(site));
        self.most_taken.store(lately, Relaxed);
        tracing::info!(kept_bytes, most, lately, "new pools take the place of those of a busy time");
        drop(former);
        Ok(true)
    }
}

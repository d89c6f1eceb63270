//! The instances of one function: made for an invocation, made ahead of it, or used again after it.

mod behind;
mod idle;
mod places;

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Instant,
};

use wasmtime::{Engine, Store, component};

pub use self::behind::on_park;
use self::idle::Idle;
pub(crate) use self::places::{Place, Places};
use crate::{
    account::micros,
    function::Terms,
    http::{Loaded, Shared},
    linked::{Handlers, HttpHandler, Linked},
    seat::Party,
    state::Guest,
};

/// Where the instances of one function come from and go to.
pub(crate) struct Instances {
    linked: Linked,
    terms: Terms,
    places: Places,
    /// Instances that wait for their invocation.
    idle: Idle,
    /// Instances that serve several requests at a time.
    shared: Option<Shared>,
}

/// One instance.
pub(crate) struct Instance {
    pub(crate) store: Store<Guest>,
    pub(crate) exports: component::Instance,
    /// The handler of HTTP requests, once there was one.
    pub(crate) http: Option<Loaded>,
    /// Invocations that it has served.
    served: u32,
    /// Its place in the pool, given back after the instance.
    _place: Place,
}

/// What an invocation begins with.
pub(crate) enum Start {
    /// An instance that was kept, or made ahead.
    Ready(Box<Instance>),
    /// A place for a fresh one.
    Fresh(Place),
}

impl Instances {
    pub(crate) fn new(linked: Linked, terms: Terms, places: Places) -> Arc<Self> {
        let idle = Idle::for_terms(&terms);
        let several = matches!(linked.handlers.http, Some(HttpHandler::Preview3(_)));
        let shared = terms.reuse.as_ref().filter(|_| several).and_then(Shared::wanted);
        let instances = Arc::new(Self { linked, terms, places, idle, shared });
        idle::fill(&instances);
        instances
    }

    /// What the invocations run with.
    pub(crate) const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The engine that they are of.
    pub(crate) fn engine(&self) -> &Engine {
        self.linked.pre.engine()
    }

    /// Where the component's handlers are.
    pub(crate) const fn handlers(&self) -> &Handlers {
        &self.linked.handlers
    }

    /// An instance that waits, or a place for a fresh one; `None` where the pool is full.
    pub(crate) fn start(&self) -> Option<Start> {
        self.idle.take().map(Start::Ready).or_else(|| self.places.take().map(Start::Fresh))
    }

    /// Where requests share instances, if they do.
    pub(crate) const fn shared(&self) -> Option<&Shared> {
        self.shared.as_ref()
    }

    /// Leave for one instance to wait; `None` where too many instances of all functions wait already.
    pub(crate) fn leave_to_wait(&self) -> Option<Place> {
        self.places.wait()
    }

    /// The instance that is to serve `party`.
    ///
    /// # Errors
    ///
    /// Whatever the guest's own start-up code did wrong, or the limits on it.
    pub(crate) async fn instance(&self, start: Start, party: Party) -> wasmtime::Result<Box<Instance>> {
        match start {
            Start::Ready(mut instance) => {
                Guest::serve(&mut instance.store, party);
                Ok(instance)
            }
            Start::Fresh(place) => self.make(place, party).await.map(Box::new),
        }
    }

    async fn make(&self, place: Place, party: Party) -> wasmtime::Result<Instance> {
        let begun = Instant::now();
        let mut store = Guest::store(self.linked.pre.engine(), party, &self.terms);
        let exports = self.linked.pre.instantiate_async(&mut store).await?;
        store.data().each(|account| account.instantiate_us.store(micros(begun.elapsed()), Relaxed));
        Ok(Instance { store, exports, http: None, served: 0, _place: place })
    }

    /// Keeps an instance that has done its work well, where the function lets it serve again; else lets go of it, and
    /// where that `turns_over`, behind the answer.
    pub(crate) fn done(self: &Arc<Self>, mut instance: Box<Instance>, turns_over: bool) {
        let Some(reuse) = &self.terms.reuse else {
            if turns_over {
                Guest::rest(&instance.store);
                behind::let_go(self, instance);
            }
            return;
        };
        instance.served += 1;
        if instance.served >= reuse.max_reuse {
            return;
        }
        // Where too many instances of all functions wait already, this one goes.
        if let Some(leave) = self.leave_to_wait() {
            Guest::rest(&instance.store);
            self.idle.keep(instance, leave, self);
        }
    }
}

//! What the host keeps for one instance.

use std::sync::Arc;

use wasmtime::{Engine, Store, UpdateDeadline, component::ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::{
    account::Account,
    bounds,
    capability::Grants,
    egress::Outgoing,
    function::Terms,
    logs::Capture,
    memory::Memory,
    meter::CpuExceeded,
    seat::{Party, Seat},
    ticker,
};

/// The host's side of one instance: no files, no sockets; variables, clocks, random
/// bytes, and standard streams that end in the account of the invocation that it serves.
pub(crate) struct Guest {
    pub(crate) resources: ResourceTable,
    /// What it may ask of the platform; nothing while a version is prepared.
    pub(crate) grants: Option<Arc<Grants>>,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Outgoing,
    memory: Memory,
    seat: Arc<Seat>,
}

impl Guest {
    /// A store for one instance under `terms`, which serves `party` first.
    pub(crate) fn store(engine: &Engine, party: Party, terms: &Terms) -> Store<Self> {
        let limits = &terms.limits;
        let seat = Arc::new(Seat::default());
        let mut resources = ResourceTable::new();
        resources.set_max_capacity(limits.handles as usize);
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(limits.response_header_bytes as usize);
        let wasi = WasiCtxBuilder::new()
            .envs(&terms.variables)
            .stdout(Capture::stdout(&seat))
            .stderr(Capture::stderr(&seat))
            .max_random_size(bounds::RANDOM_BYTES)
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .build();
        let memory = Memory::new(Arc::clone(&seat), limits);
        let hooks = Outgoing::new(terms.outbound.clone(), Arc::clone(&seat));
        let mut store =
            Store::new(engine, Self { resources, grants: terms.grants.clone(), wasi, http, hooks, memory, seat });
        store.limiter(|guest| &mut guest.memory);
        store.set_max_component_handles(limits.handles as usize);
        store.epoch_deadline_callback(|store| match store.data().seat.is_exceeded() {
            // tokio's own way to yield has the worker look at its sockets first. By the plain one it would look
            // after 61 turns of busy guests only, and a neighbour's request would wait that long.
            false => {
                ticker::note_interruption();
                Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
            }
            true => Err(CpuExceeded.into()),
        });
        Self::serve(&mut store, party);
        store
    }

    /// Lets the instance of `store` serve `party` from here on.
    pub(crate) fn serve(store: &mut Store<Self>, party: Party) {
        store.set_hostcall_fuel(bounds::HOST_CALL_BYTES);
        store.set_epoch_deadline(1);
        let guest = store.data();
        guest.seat.take(party);
        guest.tell_memory();
    }

    /// Writes down what memory the instance holds, with all whom it serves.
    pub(crate) fn tell_memory(&self) {
        self.seat.each(|account| account.holds(self.memory.held_bytes()));
    }

    /// Lets `use_it` at the accounts of all whom the instance serves.
    pub(crate) fn each(&self, use_it: impl FnMut(&Account)) {
        self.seat.each(use_it);
    }

    /// The memory that the instance holds, in bytes.
    pub(crate) const fn held_bytes(&self) -> usize {
        self.memory.held_bytes()
    }

    /// How many functions called each other up to the invocation that is served.
    pub(crate) fn depth(&self) -> u8 {
        self.seat.with(|account| account.depth).unwrap_or_default()
    }

    /// Tells the function's owner, in the invocation's log.
    pub(crate) fn note(&self, text: &str) {
        self.seat.with(|account| account.with_logs(|logs| logs.note(text)));
    }

    /// Ends the service: what the guest does from here on is nobody's.
    pub(crate) fn rest(store: &Store<Self>) {
        store.data().seat.take(Party::Nobody);
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.resources }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.hooks, table: &mut self.resources, ctx: &mut self.http }
    }
}

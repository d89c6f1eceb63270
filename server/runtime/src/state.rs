//! What the host keeps for one instance.

use std::sync::Arc;

use domain::Limits;
use wasmtime::{Engine, Store, UpdateDeadline, component::ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::{
    account::Account,
    bounds,
    egress::{Outbound, Outgoing},
    logs::Capture,
    memory::Memory,
    meter::CpuExceeded,
};

/// The host's side of one instance: no files, no sockets; variables, clocks, random
/// bytes, and standard streams that end in the account.
pub(crate) struct Guest {
    resources: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Outgoing,
    memory: Memory,
}

impl Guest {
    /// A store for one instance with `variables`, held to `limits`.
    pub(crate) fn store(
        engine: &Engine,
        account: &Arc<Account>,
        limits: &Limits,
        variables: &[(String, String)],
        outbound: Option<Arc<Outbound>>,
    ) -> Store<Self> {
        let mut resources = ResourceTable::new();
        resources.set_max_capacity(limits.handles as usize);
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(limits.response_header_bytes as usize);
        let wasi = WasiCtxBuilder::new()
            .envs(variables)
            .stdout(Capture::stdout(account))
            .stderr(Capture::stderr(account))
            .max_random_size(bounds::RANDOM_BYTES)
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .build();
        let memory = Memory::new(Arc::clone(account), limits);
        let hooks = Outgoing::new(outbound, Arc::downgrade(account));
        let mut store = Store::new(engine, Self { resources, wasi, http, hooks, memory });
        store.limiter(|guest| &mut guest.memory);
        store.set_hostcall_fuel(bounds::HOST_CALL_BYTES);
        store.set_max_component_handles(limits.handles as usize);
        store.set_epoch_deadline(1);
        let account = Arc::clone(account);
        store.epoch_deadline_callback(move |_| match account.cpu.is_exceeded() {
            true => Err(CpuExceeded.into()),
            false => Ok(UpdateDeadline::Yield(1)),
        });
        store
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

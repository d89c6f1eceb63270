//! Reads the state of an instrumented instance for the tool that freezes it.

use std::collections::HashMap;

use wasmtime::{
    Store,
    component::{ComponentNamedList, Instance, Lift, WasmList},
};
use wasmtime_wizer::ComponentInstanceState;

use crate::state::Guest;

/// An instance whose accessors are called one after the other.
pub(super) struct State<'a> {
    store: &'a mut Store<Guest>,
    instance: Instance,
    /// Memories by accessor: each is asked for twice, and the call changes the instance.
    memories: HashMap<String, Vec<u8>>,
    failed: Option<wasmtime::Error>,
}

impl<'a> State<'a> {
    pub(super) fn new(store: &'a mut Store<Guest>, instance: Instance) -> Self {
        Self { store, instance, memories: HashMap::new(), failed: None }
    }

    /// Says whether all that was read is true.
    ///
    /// # Errors
    ///
    /// An accessor did not answer.
    pub(super) fn end(self) -> wasmtime::Result<()> {
        self.failed.map_or(Ok(()), Err)
    }

    async fn call<R>(&mut self, instance: &str, function: &str) -> wasmtime::Result<R>
    where
        R: Lift + Send + Sync + 'static,
        (R,): ComponentNamedList,
    {
        let missing = || wasmtime::Error::msg("an accessor is missing");
        let interface = self.instance.get_export_index(&mut *self.store, None, instance).ok_or_else(missing)?;
        let index = self.instance.get_export_index(&mut *self.store, Some(&interface), function).ok_or_else(missing)?;
        let accessor = self.instance.get_typed_func::<(), (R,)>(&mut *self.store, index)?;
        let (value,) = accessor.call_async(&mut *self.store, ()).await?;
        Ok(value)
    }

    /// The value that an accessor gives, or one in its place that [`Self::end`] tells of.
    async fn value<R>(&mut self, instance: &str, function: &str) -> R
    where
        R: Lift + Default + Send + Sync + 'static,
        (R,): ComponentNamedList,
    {
        match self.call(instance, function).await {
            Ok(value) => value,
            Err(error) => {
                self.failed.get_or_insert(error);
                R::default()
            }
        }
    }

    async fn memory(&mut self, instance: &str, function: &str) -> wasmtime::Result<Vec<u8>> {
        let bytes = self.call::<WasmList<u8>>(instance, function).await?;
        Ok(bytes.as_le_slice(&*self.store).to_vec())
    }
}

impl ComponentInstanceState for State<'_> {
    async fn call_func_ret_list_u8(&mut self, instance: &str, func: &str, contents: impl FnOnce(&[u8]) + Send) {
        if !self.memories.contains_key(func) {
            match self.memory(instance, func).await {
                Ok(bytes) => _ = self.memories.insert(func.to_owned(), bytes),
                Err(error) => _ = self.failed.get_or_insert(error),
            }
        }
        contents(self.memories.get(func).map(Vec::as_slice).unwrap_or_default());
    }

    async fn call_func_ret_s32(&mut self, instance: &str, func: &str) -> i32 {
        self.value(instance, func).await
    }

    async fn call_func_ret_s64(&mut self, instance: &str, func: &str) -> i64 {
        self.value(instance, func).await
    }

    async fn call_func_ret_f32(&mut self, instance: &str, func: &str) -> u32 {
        self.value::<f32>(instance, func).await.to_bits()
    }

    async fn call_func_ret_f64(&mut self, instance: &str, func: &str) -> u64 {
        self.value::<f64>(instance, func).await.to_bits()
    }
}

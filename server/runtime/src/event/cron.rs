//! Slots of schedules: `dormouse:cron/handler`.

use super::{Event, words};
use crate::{
    account::Account,
    bindings::cron_handler,
    instances::Instance,
    linked::{Handlers, SCHEDULE},
};

/// One time at which a schedule is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its id, the same for each attempt.
    pub id: String,
    /// The schedule's name.
    pub name: String,
    /// The time that it is for, in microseconds since 1970 UTC.
    pub scheduled_at_us: u64,
    /// Which attempt this is, from 1.
    pub attempt: u32,
}

impl Event for Slot {
    type Answer = Result<(), String>;

    const INTERFACE: &str = SCHEDULE;

    fn is_handled(handlers: &Handlers) -> bool {
        handlers.schedule.is_some()
    }

    fn bytes(&self) -> u64 {
        0
    }

    async fn run(self, handlers: &Handlers, instance: &mut Instance, _: &Account) -> wasmtime::Result<Self::Answer> {
        let Some(indices) = &handlers.schedule else { return Ok(Ok(())) };
        let Instance { store, exports, .. } = instance;
        let handler = indices.load(&mut *store, exports)?;
        let Self { id, name, scheduled_at_us, attempt } = self;
        let slot = cron_handler::Slot { id, name, scheduled_at_us, attempt };
        Ok(handler.call_run(&mut *store, &slot).await?.map_err(words))
    }

    fn failure(answer: &Self::Answer) -> Option<String> {
        answer.as_ref().err().cloned()
    }
}

//! A guest under way: its deadline, its CPU meter, and what its end means.

use std::{
    pin::Pin,
    sync::{Arc, atomic::Ordering::Relaxed},
    task::{Context, Poll},
};

use domain::invocation::Outcome;
use tokio::{
    sync::OwnedSemaphorePermit,
    task::AbortHandle,
    time::{Instant, Sleep, sleep_until},
};
use wasmtime::{PoolConcurrencyLimitError, Trap};
use wasmtime_wasi::I32Exit;

use super::Guest;
use crate::{account::Account, meter::CpuExceeded};

/// A guest within its limits. Whatever ends it is in the account before the guest is gone.
pub(super) struct Running {
    guest: Option<Guest>,
    alarm: Pin<Box<Sleep>>,
    account: Arc<Account>,
    /// The place in the pool, given back after the instance.
    _permit: OwnedSemaphorePermit,
}

impl Running {
    pub(super) fn new(guest: Guest, account: Arc<Account>, permit: OwnedSemaphorePermit, deadline: Instant) -> Self {
        Self { guest: Some(guest), alarm: Box::pin(sleep_until(deadline)), account, _permit: permit }
    }

    /// Lets the guest run on by itself; `None` if it has ended.
    pub(super) fn into_task(self) -> Option<AbortHandle> {
        self.guest.is_some().then(|| tokio::spawn(self).abort_handle())
    }

    fn end(&mut self) -> Poll<()> {
        self.guest = None;
        Poll::Ready(())
    }
}

impl Future for Running {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let Some(guest) = &mut this.guest else { return Poll::Ready(()) };
        let polled = this.account.cpu.measure(|| guest.as_mut().poll(cx));
        if polled.is_ready() {
            return this.end();
        }
        if this.account.cpu.was_exceeded() {
            cpu_exceeded(&this.account);
        } else if this.alarm.as_mut().poll(cx).is_ready() {
            timed_out(&this.account);
        }
        match this.account.fault() {
            Some(_) => this.end(),
            None => Poll::Pending,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.guest.is_some() {
            self.account.fail(Outcome::Cancelled, "the caller went away before the answer's end");
        }
    }
}

/// Writes down what a guest's `error` means.
pub(super) fn failed(account: &Account, error: &wasmtime::Error) {
    if error.is::<CpuExceeded>() {
        return cpu_exceeded(account);
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return account.fail(Outcome::Unavailable, "the server has no room for another instance");
    }
    if let Some(I32Exit(status)) = error.downcast_ref() {
        let outcome = if *status == 0 { Outcome::NoAnswer } else { Outcome::Trapped };
        return account.fail(outcome, format!("the guest exited with status {status} instead of answering"));
    }
    if account.memory_refused.load(Relaxed) {
        return account.fail(Outcome::OutOfMemory, "the guest asked for more memory than its limit");
    }
    let cause = match error.downcast_ref::<Trap>() {
        Some(trap) => trap.to_string(),
        None => error.root_cause().to_string(),
    };
    account.fail(Outcome::Trapped, format!("the guest trapped: {cause}"));
}

/// Writes down that the wall deadline passed.
pub(crate) fn timed_out(account: &Account) {
    account.fail(Outcome::TimedOut, "the wall deadline passed before the answer's end");
}

fn cpu_exceeded(account: &Account) {
    account.fail(Outcome::CpuExceeded, "the guest used up its CPU time");
}

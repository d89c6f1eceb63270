//! A guest under way: its deadline, its CPU meter, and what its end means.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use domain::invocation::Outcome;
use tokio::time::{Instant, Sleep, sleep_until};
use wasmtime::{PoolConcurrencyLimitError, component::ResourceTableError};
use wasmtime_wasi::I32Exit;

use super::Guest;
use crate::{account::Account, meter::CpuExceeded};

/// A guest within its limits. Whatever ends it is in the account before the guest is gone.
pub(crate) struct Running {
    guest: Option<Guest>,
    deadline: Instant,
    /// Set once the guest has to wait: most never do.
    alarm: Option<Pin<Box<Sleep>>>,
    account: Arc<Account>,
}

impl Running {
    pub(crate) fn new(guest: Guest, account: Arc<Account>, deadline: Instant) -> Self {
        Self { guest: Some(guest), deadline, alarm: None, account }
    }

    /// Whether the guest is gone.
    pub(crate) const fn has_ended(&self) -> bool {
        self.guest.is_none()
    }

    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.deadline;
        self.alarm.get_or_insert_with(|| Box::pin(sleep_until(deadline))).as_mut().poll(cx)
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
            this.account.fail(Outcome::CpuExceeded, CPU_EXCEEDED);
        } else if this.poll_alarm(cx).is_ready() {
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
pub(crate) fn failed(account: &Account, error: &wasmtime::Error) {
    let (outcome, message) = meaning(account, error);
    account.fail(outcome, message);
}

fn meaning(account: &Account, error: &wasmtime::Error) -> (Outcome, String) {
    if error.is::<CpuExceeded>() {
        return (Outcome::CpuExceeded, CPU_EXCEEDED.to_owned());
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return (Outcome::Unavailable, "the server has no room for another instance".to_owned());
    }
    if let Some(I32Exit(status)) = error.downcast_ref() {
        let outcome = if *status == 0 { Outcome::NoAnswer } else { Outcome::Trapped };
        return (outcome, format!("the guest exited with status {status} instead of answering"));
    }
    if let Some(refused) = account.refused.get() {
        return (Outcome::OutOfMemory, refused.clone());
    }
    let cause = error.root_cause().to_string();
    if matches!(error.downcast_ref(), Some(ResourceTableError::Full)) || cause.ends_with("handle limit exceeded") {
        let message = "the guest trapped: it held more resources at once than its limit handles lets it";
        return (Outcome::Trapped, message.to_owned());
    }
    (Outcome::Trapped, format!("the guest trapped: {}", cause.trim_start_matches("wasm trap: ")))
}

const CPU_EXCEEDED: &str = "the guest used up its CPU time";

/// Writes down that the wall deadline passed.
pub(crate) fn timed_out(account: &Account) {
    account.fail(Outcome::TimedOut, "the wall deadline passed before the answer's end");
}

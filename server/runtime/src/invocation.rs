//! One invocation, whatever it is about: an instance does its work within limits and is let go of.

mod running;

use std::{
    pin::Pin,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use domain::invocation::Outcome;

pub(crate) use self::running::{Running, failed, timed_out};
use crate::{
    account::Account,
    call::Fault,
    instances::{Instance, Instances, Start},
    linked::Handlers,
    seat::Party,
};

/// A guest's future: it has an instance made or takes one that waits, has it do its work, and lets go of it. What
/// goes wrong is in the account.
pub(crate) type Guest = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What an instance is asked to do.
pub(crate) trait Work: Send + 'static {
    /// Whether its instance may be let go of behind the answer, and the next one made ahead.
    const TURNS_OVER: bool;

    /// Calls the handler. Returns when the guest is done with it, and has the account say that it is answered if it
    /// is.
    fn run(
        self,
        handlers: &Handlers,
        instance: &mut Instance,
        account: &Arc<Account>,
    ) -> impl Future<Output = wasmtime::Result<()>> + Send;
}

/// The guest's future for `work`.
pub(crate) fn guest<W: Work>(instances: Arc<Instances>, start: Start, account: Arc<Account>, work: W) -> Guest {
    Box::pin(async move {
        let called = async {
            let mut instance = instances.instance(start, Party::One(Arc::clone(&account))).await?;
            work.run(instances.handlers(), &mut instance, &account).await?;
            Ok(instance)
        };
        match called.await {
            Ok(instance) if account.answered.load(Relaxed) && account.fault().is_none() => {
                instances.done(instance, W::TURNS_OVER);
            }
            Ok(_) => {}
            Err(error) => failed(&account, &error),
        }
    })
}

/// Lets the invocation in if there is an instance or a place for it.
pub(crate) fn admit(instances: &Instances, account: &Account) -> Result<Start, Fault> {
    instances.start().ok_or_else(|| full(account))
}

/// Writes down that there is no place for an instance.
pub(crate) fn full(account: &Account) -> Fault {
    account.fail(Outcome::Unavailable, "the server runs as many functions at once as it can").clone()
}

//! Invocations that take a value and give one: batches of messages, slots of schedules, calls by name, what happens on
//! WebSockets.

mod cron;
mod function;
mod queue;
mod websocket;

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use domain::invocation::Outcome;
use tokio::{sync::oneshot, time::Instant};

pub(crate) use self::websocket::{SocketEnd, SocketInput};
pub use self::{
    cron::Slot,
    function::{Failure, Payload},
    queue::{Batch, Disposition, Message},
    websocket::{Socket, SocketAccept, SocketMessage, SocketRefusal, SocketRequest},
};
use crate::{
    account::Account,
    call::{Call, Fault},
    instances::{Instance, Instances},
    invocation::{self, Running, Work},
    linked::Handlers,
};

/// What a guest is called with, apart from HTTP requests.
pub(crate) trait Event: Send + 'static {
    /// What it answers.
    type Answer: Send + 'static;

    /// The interface that has the handler.
    const INTERFACE: &str;

    /// Whether the component has the handler.
    fn is_handled(handlers: &Handlers) -> bool;

    /// What the guest is given, in bytes.
    fn bytes(&self) -> u64;

    /// Calls the handler.
    fn run(
        self,
        handlers: &Handlers,
        instance: &mut Instance,
        account: &Account,
    ) -> impl Future<Output = wasmtime::Result<Self::Answer>> + Send;

    /// What of `answer` is a failure that the guest told of itself.
    fn failure(answer: &Self::Answer) -> Option<String>;
}

/// Runs one invocation, which is `depth` calls away from what began them all, to its end. Cancel safe: dropping the
/// future ends the guest.
#[tracing::instrument(name = "runtime.guest.run", level = "debug", skip_all, fields(invocation.id = %call.id))]
pub(crate) async fn run<E: Event>(
    instances: &Arc<Instances>,
    call: Call,
    deadline: Duration,
    event: E,
    depth: u8,
) -> Result<E::Answer, Fault> {
    let account = Account::open(&instances.terms().limits, depth, call.on_end);
    if !E::is_handled(instances.handlers()) {
        let message = format!("the component does not export {}", E::INTERFACE);
        return Err(account.fail(Outcome::NoAnswer, message).clone());
    }
    let start = invocation::admit(instances, &account)?;
    account.request_bytes.store(event.bytes(), Relaxed);
    let deadline = Instant::from_std(account.started()) + deadline;
    let (sender, mut answer) = oneshot::channel();
    let guest = invocation::guest(Arc::clone(instances), start, Arc::clone(&account), Asked { event, answer: sender });
    Running::new(guest, Arc::clone(&account), deadline).await;
    if let Some(fault) = account.fault() {
        return Err(fault.clone());
    }
    let answer = answer.try_recv().map_err(|_| account.fail(Outcome::NoAnswer, "the guest gave no answer").clone())?;
    if let Some(failure) = E::failure(&answer) {
        account.fail(Outcome::Failed, failure);
    }
    Ok(answer)
}

/// An event, and where its answer goes.
struct Asked<E: Event> {
    event: E,
    answer: oneshot::Sender<E::Answer>,
}

impl<E: Event> Work for Asked<E> {
    /// Between two events of a connection or a queue there is no instance.
    const TURNS_OVER: bool = false;

    async fn run(self, handlers: &Handlers, instance: &mut Instance, account: &Arc<Account>) -> wasmtime::Result<()> {
        let answer = self.event.run(handlers, instance, account).await?;
        account.answered.store(true, Relaxed);
        // Nobody listens when the caller went away; then the guest is gone too.
        let _ = self.answer.send(answer);
        Ok(())
    }
}

/// `text` up to what is kept of a guest's own words.
fn words(mut text: String) -> String {
    const MAX_BYTES: usize = 4 << 10;
    text.truncate(text.floor_char_boundary(MAX_BYTES));
    text
}

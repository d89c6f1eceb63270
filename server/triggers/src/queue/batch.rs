//! One batch: which version consumes it, how it is divided where the guest fails, and what becomes of each message.

use std::{
    mem,
    pin::pin,
    slice,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use control::{Claimed, InvokeFault, LeaseToken, Queues, Routing, Source};
use domain::{QueueTrigger, id::MessageId, invocation::Outcome, queue::Settlement};
use runtime::Disposition;
use tokio::time::{Instant, sleep};

use super::{
    faults::Faults,
    later::{Later, settle},
};

/// How long messages are held for this server before others may have them. It is extended while a guest runs.
pub(super) const LEASE: Duration = Duration::from_secs(30);

/// How often leases are extended: twice may fail.
const EXTEND_EVERY: Duration = Duration::from_secs(10);

/// How long what became of messages may wait while other messages of their batch are consumed, so that one commit
/// settles as many as it can: long beside a guest's call, and short, since what is done and not settled when the server
/// ends is done again.
const SETTLE_WITHIN: Duration = Duration::from_millis(10);

/// What a batch is consumed with.
pub(super) struct Batch {
    pub(super) routing: Routing,
    pub(super) queues: Queues,
    pub(super) source: Source<QueueTrigger>,
    pub(super) terms: control::Consumer,
    pub(super) faults: Arc<Faults>,
    pub(super) later: Later,
}

/// Messages that the guest is called with at once.
struct Part<'m> {
    messages: &'m [Claimed],
    /// Whether it is the second half of messages that the guest failed at.
    is_rest: bool,
}

/// How messages were consumed.
struct Consumed {
    /// Whether the function let in what there was.
    was_let_in: bool,
    /// How many messages the guest failed at.
    failed: usize,
}

/// What became of messages of a batch, as long as the store does not know.
#[derive(Default)]
struct Done<'m>(Vec<(&'m Claimed, Settlement)>);

/// The messages of a batch that are not settled yet.
struct Held(Mutex<Vec<(MessageId, LeaseToken)>>);

impl Batch {
    /// Has `messages` consumed, all of one group or all of none, and settles them. False if the function let
    /// nothing in: it or its project is full, or its program cannot be had.
    pub(super) async fn run(&self, messages: Vec<Claimed>) -> bool {
        let held = Held::new(&messages);
        tokio::select! {
            was_let_in = self.consume(&messages, &held) => was_let_in,
            () = self.keep(&held) => {
                tracing::warn!(queue = %self.terms.queue, "the leases of a batch were lost; others have its messages");
                true
            }
        }
    }

    /// Extends the leases; returns when none is left.
    async fn keep(&self, held: &Held) {
        loop {
            sleep(EXTEND_EVERY).await;
            let leases = held.leases();
            match self.queues.extend(&self.terms, leases.clone(), LEASE).await {
                Ok(lasting) if !leases.is_empty() && lasting.iter().all(|lasts| !lasts) => return,
                Ok(_) => {}
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, queue = %self.terms.queue, "leases cannot be extended now");
                }
            }
        }
    }

    async fn consume(&self, messages: &[Claimed], held: &Held) -> bool {
        // Without a group, those that failed before run alone, so that they take no others with them again.
        let together = |message: &Claimed| message.group.is_some() || message.receives <= 1;
        let (first, again): (Vec<_>, Vec<_>) = messages.iter().cloned().partition(together);
        let mut done = Done::default();
        let mut was_let_in = true;
        if !first.is_empty() {
            let begun = Instant::now();
            let consumed = self.consume_together(&first, held, &mut done).await;
            was_let_in = consumed.was_let_in;
            if first.iter().all(|message| message.group.is_none()) {
                // Where guests take long, what is claimed and settled costs little beside them, and messages that are
                // taken early only wait.
                let is_quick = begun.elapsed() <= SETTLE_WITHIN;
                self.faults.note(first.len(), if is_quick { consumed.failed } else { 0 });
            }
        }
        for message in &again {
            was_let_in &= self.consume_together(slice::from_ref(message), held, &mut done).await.was_let_in;
        }
        self.settle(held, done).await;
        was_let_in
    }

    /// Has `messages` consumed in as few invocations as the trigger's batches allow; where the guest fails quickly, in
    /// two halves, until the message at fault is alone. In a group, what comes behind a message that is not done waits
    /// for it.
    async fn consume_together<'m>(&self, messages: &'m [Claimed], held: &Held, done: &mut Done<'m>) -> Consumed {
        let size = part_size(messages.len(), self.source.trigger().batch_size as usize);
        let mut left: Vec<_> =
            messages.chunks(size).rev().map(|part| Part { messages: part, is_rest: false }).collect();
        let mut consumed = Consumed { was_let_in: true, failed: 0 };
        // Whether the guest failed at a part and no message was found since at which it does.
        let mut is_unexplained = false;
        while let Some(Part { messages: part, is_rest }) = left.pop() {
            if is_rest && is_unexplained && part.len() > 1 {
                // It did not fail at the other half: at this one it would.
                left.extend(halves(part));
                continue;
            }
            let is_blocked = match self.call_while_settling(part, held, done).await {
                Ok(dispositions) => {
                    let settlements = judge(part, dispositions);
                    let is_blocked = settlements.iter().any(is_unfinished);
                    done.0.extend(part.iter().zip(settlements));
                    is_blocked
                }
                Err(fault) if !fault.was_run() => {
                    consumed.was_let_in = false;
                    done.release(part);
                    true
                }
                Err(fault) if part.len() > 1 && is_quick(&fault) => {
                    is_unexplained = true;
                    left.extend(halves(part));
                    continue;
                }
                Err(fault) => {
                    is_unexplained = false;
                    consumed.failed += part.len();
                    let retry = Settlement::Retry { after: None, error: fault.in_words() };
                    done.0.extend(part.iter().map(|message| (message, retry.clone())));
                    true
                }
            };
            if is_blocked && part.first().is_some_and(|message| message.group.is_some()) {
                left.drain(..).rev().for_each(|waiting| done.release(waiting.messages));
            }
        }
        consumed
    }

    /// Calls the guest; where that takes longer, what was done before is settled meanwhile.
    async fn call_while_settling<'m>(
        &self,
        part: &'m [Claimed],
        held: &Held,
        done: &mut Done<'m>,
    ) -> Result<Vec<Disposition>, InvokeFault> {
        let mut call = pin!(self.call(part));
        if !done.0.is_empty() {
            tokio::select! {
                biased;
                answered = &mut call => return answered,
                () = sleep(SETTLE_WITHIN) => {}
            }
            let (answered, ()) = tokio::join!(call, self.settle(held, mem::take(done)));
            return answered;
        }
        call.await
    }

    async fn call(&self, messages: &[Claimed]) -> Result<Vec<Disposition>, InvokeFault> {
        // All messages of a group go to one version, and so do the parts of a batch that is divided.
        let id = messages.first().map(|message| message.id.to_string());
        let group = messages.first().and_then(|message| message.group.as_deref());
        let Some(target) = self.routing.target(&self.source, group.or(id.as_deref()).map(str::as_bytes)) else {
            return Err(InvokeFault::Unavailable { message: "the deployment names no version".to_owned() });
        };
        let deadline = Duration::from_millis(self.source.trigger().timeout_ms.into());
        let batch = runtime::Batch {
            queue: self.terms.queue.to_string(),
            messages: messages.iter().map(handed_over).collect(),
        };
        target.consume(self.routing.next_invocation(), deadline, batch).await
    }

    /// Settles what is `done`, but what can wait: others see to that.
    async fn settle(&self, held: &Held, done: Done<'_>) {
        let mut all = Vec::with_capacity(done.0.len());
        for (message, settlement) in &done.0 {
            let unsettled = (message.id, message.token.clone(), settlement.clone());
            match can_wait(message, settlement) {
                true => self.later.settle(unsettled).await,
                false => all.push(unsettled),
            }
        }
        if !all.is_empty() {
            settle(&self.queues, &self.terms, all).await;
        }
        held.forget(&done);
    }
}

impl<'m> Done<'m> {
    /// Gives messages back that the function was not asked about, as if they had not been taken.
    fn release(&mut self, messages: &'m [Claimed]) {
        self.0.extend(messages.iter().map(|message| (message, Settlement::Release)));
    }
}

impl Held {
    fn new(messages: &[Claimed]) -> Self {
        Self(Mutex::new(messages.iter().map(|message| (message.id, message.token.clone())).collect()))
    }

    fn leases(&self) -> Vec<(MessageId, LeaseToken)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn forget(&self, done: &Done<'_>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|(id, _)| done.0.iter().all(|(message, _)| message.id != *id));
    }
}

/// How many of `messages` are given to the guest at once: at most `most`, and in all calls about as many.
const fn part_size(messages: usize, most: usize) -> usize {
    let calls = messages.div_ceil(if most == 0 { 1 } else { most });
    if calls == 0 { 1 } else { messages.div_ceil(calls) }
}

/// The halves of a part that the guest failed at, the first one last.
fn halves(part: &[Claimed]) -> [Part<'_>; 2] {
    let (one, other) = part.split_at(part.len() / 2);
    [Part { messages: other, is_rest: true }, Part { messages: one, is_rest: false }]
}

/// What becomes of `messages` by the guest's word. In a group, what comes behind a message that is not done is
/// handed out again with it, whatever the guest says: their order is worth more.
fn judge(messages: &[Claimed], dispositions: Vec<Disposition>) -> Vec<Settlement> {
    let mut is_blocked = false;
    let mut settlements = Vec::with_capacity(messages.len());
    for (message, disposition) in messages.iter().zip(dispositions) {
        let settlement = match disposition {
            _ if is_blocked => Settlement::Release,
            Disposition::Ack => Settlement::Ack,
            Disposition::Retry(after) => {
                Settlement::Retry { after, error: "the function asked for another attempt".to_owned() }
            }
            Disposition::Reject(reason) => Settlement::Dead { error: format!("the function rejected it: {reason}") },
        };
        is_blocked |= message.group.is_some() && is_unfinished(&settlement);
        settlements.push(settlement);
    }
    settlements
}

/// Whether the message will be handed out again.
const fn is_unfinished(settlement: &Settlement) -> bool {
    matches!(settlement, Settlement::Retry { .. } | Settlement::Release)
}

/// Whether nobody misses it for a while that `message` is settled: it waits longer for its next attempt, and no others
/// wait for it.
const fn can_wait(message: &Claimed, settlement: &Settlement) -> bool {
    message.group.is_none() && matches!(settlement, Settlement::Retry { after: None, .. })
}

/// Whether the guest failed in a way that can be tried again at once with fewer messages.
const fn is_quick(fault: &InvokeFault) -> bool {
    matches!(fault, InvokeFault::Failed { outcome: Outcome::Trapped | Outcome::OutOfMemory | Outcome::NoAnswer, .. })
}

fn handed_over(message: &Claimed) -> runtime::Message {
    let us = |at: domain::Timestamp| u64::try_from(at.as_us()).unwrap_or(0);
    runtime::Message {
        id: message.id.to_string(),
        body: message.body.clone(),
        content_type: message.content_type.clone(),
        attributes: message.attributes.clone().into_iter().collect(),
        group: message.group.clone(),
        receives: message.receives,
        enqueued_at_us: us(message.enqueued_at),
        first_enqueued_at_us: us(message.first_enqueued_at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_a_batch_is_consumed_in_calls_of_about_one_size() {
        let size = |messages| part_size(messages, 10);
        assert_eq!([1, 10, 11, 12, 20, 21, 100].map(size), [1, 10, 6, 6, 10, 7, 10]);
        assert_eq!((part_size(2, 1), part_size(0, 10), part_size(0, 0)), (1, 1, 1));
    }
}

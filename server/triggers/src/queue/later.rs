//! What becomes of messages, said to the store; of those that wait for their next attempt, of many batches at once.

use std::time::Duration;

use control::{LeaseToken, Queues, Settled};
use domain::{id::MessageId, queue::Settlement};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

/// How long what waits for its next attempt is gathered: nobody misses it meanwhile, and one commit settles it.
const GATHER_FOR: Duration = Duration::from_millis(50);

/// How often a settlement is tried that the store did not take.
const TRIES: u32 = 5;

/// The most messages that are settled at once.
const MOST: usize = 100;

/// What becomes of a message, under the token of its claim.
pub(super) type Unsettled = (MessageId, LeaseToken, Settlement);

/// Takes in what becomes of messages that wait for their next attempt: nobody misses them meanwhile, so that one
/// settlement does for all batches of a trigger what would cost each of them as much as its other messages together.
#[derive(Clone)]
pub(super) struct Later(mpsc::Sender<Unsettled>);

impl Later {
    /// A way in, and what comes out of it.
    pub(super) fn new() -> (Self, mpsc::Receiver<Unsettled>) {
        let (sender, receiver) = mpsc::channel(MOST);
        (Self(sender), receiver)
    }

    /// Has a message settled within [`GATHER_FOR`]. If the server ends before, it is handed out again when its lease
    /// ends, and its attempt counts.
    pub(super) async fn settle(&self, unsettled: Unsettled) {
        // Nobody takes it any more where the server has ended its draining.
        let _ = self.0.send(unsettled).await;
    }
}

/// Settles what comes to `waiting`, until nothing more can come.
pub(super) async fn settle_later(queues: Queues, terms: control::Consumer, mut waiting: mpsc::Receiver<Unsettled>) {
    while let Some(first) = waiting.recv().await {
        let mut all = vec![first];
        let gather = async {
            while all.len() < MOST
                && let Some(next) = waiting.recv().await
            {
                all.push(next);
            }
        };
        // What came in time is settled.
        let _ = timeout(GATHER_FOR, gather).await;
        settle(&queues, &terms, all).await;
    }
}

/// Settles `all`. Where the store does not take it, the messages are handed out again when their leases end.
pub(super) async fn settle(queues: &Queues, terms: &control::Consumer, all: Vec<Unsettled>) {
    for attempt in 1..=TRIES {
        match queues.settle(terms, all.clone()).await {
            Ok(settled) => {
                let stale = settled.iter().filter(|settled| matches!(settled, Settled::Stale)).count();
                if stale > 0 {
                    tracing::warn!(stale, queue = %terms.queue, "messages were settled too late: others have them");
                }
                return;
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    queue = %terms.queue,
                    attempt,
                    "messages cannot be settled now"
                );
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

//! The loop of one trigger: takes a batch as soon as an invocation more may run.

use std::{sync::Arc, time::Duration};

use control::{Arrivals, Claim, Error, Queues, Routing, Source};
use domain::QueueTrigger;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    batch::{Batch, LEASE},
    faults::Faults,
    later::{Later, settle_later},
};

/// How often a consumer looks for messages that other servers took in.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long a consumer rests after its function let nothing in, or the store did not answer.
const REST: Duration = Duration::from_secs(1);

/// One trigger.
pub(super) struct Consumer {
    routing: Routing,
    queues: Queues,
    /// The trigger with what is live of its function; closed when the trigger is gone.
    source: watch::Receiver<Source<QueueTrigger>>,
    batches: TaskTracker,
    cut: CancellationToken,
    /// One for each invocation that may run.
    places: Arc<Semaphore>,
    terms: control::Consumer,
    trigger: QueueTrigger,
    faults: Arc<Faults>,
    later: Later,
    /// Woken by what arrives; there once the queue was found.
    arrivals: Option<Arrivals>,
}

impl Consumer {
    pub(super) fn new(
        routing: Routing,
        queues: Queues,
        source: watch::Receiver<Source<QueueTrigger>>,
        batches: TaskTracker,
        cut: CancellationToken,
    ) -> Self {
        let (trigger, project) = {
            let source = source.borrow();
            (source.trigger().clone(), source.project().0)
        };
        let terms = control::Consumer {
            project,
            queue: trigger.queue.clone(),
            max_receives: trigger.max_receives,
            dead_letter_queue: trigger.dead_letters().ok(),
        };
        let places = Arc::new(Semaphore::new(trigger.max_concurrency as usize));
        let (later, waiting) = Later::new();
        let settling = settle_later(queues.clone(), terms.clone(), waiting);
        batches.spawn(cut.clone().run_until_cancelled_owned(settling));
        let faults = Arc::default();
        Self { routing, queues, source, batches, cut, places, terms, trigger, faults, later, arrivals: None }
    }

    /// Runs until the trigger is gone.
    pub(super) async fn run(mut self) {
        let mut gone = self.source.clone();
        let gone = async move { while gone.changed().await.is_ok() {} };
        tokio::select! {
            () = gone => {}
            () = self.consume() => {}
        }
    }

    async fn consume(&mut self) {
        while let Ok(place) = Arc::clone(&self.places).acquire_owned().await {
            match self.claim().await {
                Ok(claim) if claim.messages.is_empty() => {
                    drop(place);
                    self.wait(&claim).await;
                }
                Ok(claim) => self.start(claim, place),
                Err(error) => {
                    drop(place);
                    if !matches!(error, Error::NotFound { .. }) {
                        let error = &error as &dyn std::error::Error;
                        tracing::warn!(error, queue = %self.terms.queue, "messages cannot be taken now");
                    }
                    sleep(REST).await;
                }
            }
        }
    }

    /// Takes a batch: at once where it is full or the trigger has no window, else when the window is over.
    async fn claim(&mut self) -> Result<Claim, Error> {
        let window = Duration::from_millis(self.trigger.batch_window_ms.into());
        while !window.is_zero() {
            let due = self.queues.due(&self.terms, self.trigger.batch_size).await?;
            if let Some(nothing) = due.nothing() {
                return Ok(nothing);
            }
            let left = window.saturating_sub(due.waited);
            if due.messages == 0 || due.messages >= self.trigger.batch_size || left.is_zero() {
                break;
            }
            match &mut self.arrivals {
                // Whether one more has come or the time is up: the look that follows says.
                Some(arrivals) => drop(timeout(left.min(LOOK_EVERY), arrivals.next()).await),
                // What came before anyone listened is found by looking once more.
                none => *none = Some(self.queues.arrivals(due.queue)),
            }
        }
        self.queues.claim(&self.terms, self.faults.to_take(self.trigger.batch_size), LEASE).await
    }

    /// Waits until there may be messages.
    async fn wait(&mut self, claim: &Claim) {
        let Some(arrivals) = &mut self.arrivals else {
            // What came before anyone listened is found by looking once more.
            self.arrivals = Some(self.queues.arrivals(claim.queue));
            return;
        };
        let until = claim.next_at.map_or(LOOK_EVERY, |next| next.since(self.queues.now()).min(LOOK_EVERY));
        // Nothing arrived in time: the look that follows is what counts.
        let _ = timeout(until, arrivals.next()).await;
    }

    /// Has a batch consumed by a task of its own.
    fn start(&self, claim: Claim, place: OwnedSemaphorePermit) {
        let batch = Batch {
            routing: self.routing.clone(),
            queues: self.queues.clone(),
            source: self.source.borrow().clone(),
            terms: self.terms.clone(),
            faults: Arc::clone(&self.faults),
            later: self.later.clone(),
        };
        let run = async move {
            let was_let_in = batch.run(claim.messages).await;
            if !was_let_in {
                // The place is kept meanwhile, so that a function that is full is not asked all the time.
                sleep(REST).await;
            }
            drop(place);
        };
        self.batches.spawn(self.cut.clone().run_until_cancelled_owned(run));
    }
}

//! Instances that wait for an invocation.

use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tokio::{
    sync::{Notify, OwnedSemaphorePermit},
    time::{sleep, sleep_until, timeout},
};

use super::{Instance, Instances};
use crate::{account::Account, function::Terms, state::Guest};

/// How long to wait before another instance is made ahead after one that could not be.
const PAUSE: Duration = Duration::from_secs(1);

/// Instances that wait. The one that came last is taken first: its memory is the warmest.
pub(super) struct Idle {
    waiting: Mutex<VecDeque<Waiting>>,
    /// How long one waits; for ever where instances are only made ahead.
    timeout: Option<Duration>,
    /// How many are kept ready.
    provisioned: usize,
    /// Says that fewer may be ready than should be, or that the function is gone.
    taken: Arc<Notify>,
    /// Whether a task looks after those that have waited too long.
    watched: AtomicBool,
}

struct Waiting {
    instance: Box<Instance>,
    since: Instant,
    _leave: OwnedSemaphorePermit,
}

impl Idle {
    /// Where instances wait under `terms`, if they do.
    pub(super) fn for_terms(terms: &Terms) -> Option<Self> {
        let timeout = terms.reuse.map(|reuse| Duration::from_millis(reuse.idle_timeout_ms.into()));
        let provisioned = terms.provisioned as usize;
        (timeout.is_some() || provisioned > 0).then(|| Self {
            waiting: Mutex::default(),
            timeout,
            provisioned,
            taken: Arc::default(),
            watched: AtomicBool::new(false),
        })
    }

    /// The instance that came last.
    pub(super) fn take(&self) -> Option<Box<Instance>> {
        let taken = self.waiting().pop_back();
        if self.provisioned > 0 {
            self.taken.notify_one();
        }
        taken.map(|waiting| waiting.instance)
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drops those that have waited too long, and says when to look again, if ever.
    fn expire(&self, now: Instant) -> Option<Instant> {
        let timeout = self.timeout?;
        let mut waiting = self.waiting();
        let surplus = waiting.len().saturating_sub(self.provisioned);
        let late = waiting.iter().take(surplus).take_while(|one| now.duration_since(one.since) >= timeout).count();
        let expired: Vec<_> = waiting.drain(..late).collect();
        let again = waiting.front().map(|first| first.since + timeout);
        let again = again.filter(|_| waiting.len() > self.provisioned);
        if again.is_none() {
            self.watched.store(false, Relaxed);
        }
        drop(waiting);
        drop(expired);
        again
    }

    /// Lets `instance` wait for as long as it has leave to.
    pub(super) fn keep(&self, instance: Box<Instance>, leave: OwnedSemaphorePermit, instances: &Arc<Instances>) {
        let since = Instant::now();
        self.waiting().push_back(Waiting { instance, since, _leave: leave });
        if let Some(timeout) = self.timeout
            && !self.watched.swap(true, Relaxed)
        {
            tokio::spawn(watch(Arc::downgrade(instances), since + timeout));
        }
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        self.taken.notify_one();
    }
}

/// Looks after instances that have waited too long, for as long as any wait.
async fn watch(instances: Weak<Instances>, mut next: Instant) {
    loop {
        sleep_until(next.into()).await;
        let Some(instances) = instances.upgrade() else { return };
        match instances.idle.as_ref().and_then(|idle| idle.expire(Instant::now())) {
            Some(again) => next = again,
            None => return,
        }
    }
}

/// Keeps as many instances ready as the function asks for, until it is gone.
pub(super) fn fill(instances: &Arc<Instances>) {
    let Some(idle) = instances.idle.as_ref().filter(|idle| idle.provisioned > 0) else { return };
    let taken = Arc::clone(&idle.taken);
    let instances = Arc::downgrade(instances);
    tokio::spawn(async move {
        while let Some(instances) = instances.upgrade() {
            let Some(idle) = &instances.idle else { return };
            if idle.waiting().len() >= idle.provisioned {
                // Nothing is held while nothing is to be done, so that the function can go.
                drop(instances);
                taken.notified().await;
            } else if !make_ahead(&instances, idle).await {
                drop(instances);
                sleep(PAUSE).await;
            }
        }
    });
}

/// Makes one instance and lets it wait, within the limits of an invocation; whether it could be done.
async fn make_ahead(instances: &Arc<Instances>, idle: &Idle) -> bool {
    let limits = &instances.terms.limits;
    let (Some(leave), Some(place)) = (instances.places.wait(), instances.places.take()) else { return false };
    let account = Account::open(limits, 0, Box::new(|_| ()));
    let mut making = pin!(instances.make(place, &account));
    let making = poll_fn(|context| account.cpu.measure(|| making.as_mut().poll(context)));
    match timeout(limits.timeout(), making).await {
        Ok(Ok(instance)) => {
            Guest::rest(&instance.store);
            idle.keep(Box::new(instance), leave, instances);
            true
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "an instance could not be made ahead of its invocation");
            false
        }
        Err(_) => {
            tracing::warn!(limits.timeout_ms, "an instance was not made ahead of its invocation in time");
            false
        }
    }
}

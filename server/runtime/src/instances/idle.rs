//! Instances that wait for an invocation.

use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use tokio::{
    sync::Notify,
    time::{sleep, sleep_until, timeout},
};

use super::{Instance, Instances, Place};
use crate::{account::Account, function::Terms, seat::Party, state::Guest};

/// How long an instance waits that was made unasked, and how long after a request the next one comes lately.
const AHEAD: Duration = Duration::from_secs(1);

/// How long to wait before another instance is made ahead after one that could not be.
const PAUSE: Duration = Duration::from_secs(1);

/// After so many that came to nothing in a row, none is made unasked any more: nobody is billed for it. One alone may be
/// due to a tick of the clock that fell into it.
const TRIES: u32 = 3;

/// Instances that wait. The one that came last is taken first: its memory is the warmest.
pub(super) struct Idle {
    waiting: Mutex<VecDeque<Waiting>>,
    /// When the last request was done, where instances are made ahead unasked.
    done: Option<Mutex<Option<Instant>>>,
    /// How often in a row making one unasked came to nothing.
    in_vain: AtomicU32,
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
    _leave: Place,
}

impl Idle {
    /// Where instances wait under `terms`.
    pub(super) fn for_terms(terms: &Terms) -> Self {
        let reused = terms.reuse.map(|reuse| Duration::from_millis(reuse.idle_timeout_ms.into()));
        let provisioned = terms.provisioned as usize;
        let unasked = reused.is_none() && provisioned == 0;
        Self {
            waiting: Mutex::default(),
            done: unasked.then(Mutex::default),
            in_vain: AtomicU32::new(0),
            timeout: reused.or_else(|| unasked.then_some(AHEAD)),
            provisioned,
            taken: Arc::default(),
            watched: AtomicBool::new(false),
        }
    }

    /// Whether an instance is to be made unasked, now that a request is done: one is, if the one before was done
    /// lately, and none waits.
    fn wants_one(&self, now: Instant) -> bool {
        let Some(done) = self.done.as_ref().filter(|_| self.in_vain.load(Relaxed) < TRIES) else { return false };
        let before = done.lock().unwrap_or_else(PoisonError::into_inner).replace(now);
        before.is_some_and(|before| now.duration_since(before) < AHEAD) && self.waiting().is_empty()
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
    pub(super) fn keep(&self, instance: Box<Instance>, leave: Place, instances: &Arc<Instances>) {
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
        match instances.idle.expire(Instant::now()) {
            Some(again) => next = again,
            None => return,
        }
    }
}

/// Keeps as many instances ready as the function asks for, until it is gone.
pub(super) fn fill(instances: &Arc<Instances>) {
    if instances.idle.provisioned == 0 {
        return;
    }
    let taken = Arc::clone(&instances.idle.taken);
    let instances = Arc::downgrade(instances);
    tokio::spawn(async move {
        while let Some(instances) = instances.upgrade() {
            let idle = &instances.idle;
            if idle.waiting().len() >= idle.provisioned {
                // Nothing is held while nothing is to be done, so that the function can go.
                drop(instances);
                taken.notified().await;
            } else if !make_asked(&instances).await {
                drop(instances);
                sleep(PAUSE).await;
            }
        }
    });
}

/// Makes one that was asked for; whether it could be done.
async fn make_asked(instances: &Arc<Instances>) -> bool {
    let Some(leave) = instances.places.wait() else { return false };
    let made = make_ahead(instances, leave).await;
    if let Err(error) = &made {
        tracing::warn!(%error, "an instance could not be made ahead of its invocation");
    }
    made.is_ok_and(|made| made)
}

/// Makes one instance unasked, with `leave` to wait, where requests come one after the other. What goes wrong, the next
/// request hears of by itself; and one whose own start-up code takes longer than a tick is made for that request only.
pub(super) fn make_unasked(instances: &Arc<Instances>, leave: Place) {
    if !instances.idle.wants_one(Instant::now()) {
        return;
    }
    let made = pin!(make_ahead(instances, leave)).poll(&mut Context::from_waker(Waker::noop()));
    let in_vain = &instances.idle.in_vain;
    match made {
        Poll::Ready(Ok(true)) => in_vain.store(0, Relaxed),
        Poll::Ready(Ok(false)) => {}
        Poll::Ready(Err(_)) | Poll::Pending => drop(in_vain.fetch_add(1, Relaxed)),
    }
}

/// Makes one instance and lets it wait, within the limits of an invocation; false where there is no place for it.
///
/// # Errors
///
/// Whatever the guest's own start-up code did wrong, or the limits on it.
async fn make_ahead(instances: &Arc<Instances>, leave: Place) -> wasmtime::Result<bool> {
    let limits = &instances.terms.limits;
    let Some(place) = instances.places.take() else { return Ok(false) };
    let account = Account::open(limits, 0, Box::new(|_| ()));
    let mut making = pin!(instances.make(place, Party::One(Arc::clone(&account))));
    let making = poll_fn(|context| account.cpu.measure(|| making.as_mut().poll(context)));
    let instance = timeout(limits.timeout(), making).await??;
    Guest::rest(&instance.store);
    instances.idle.keep(Box::new(instance), leave, instances);
    Ok(true)
}

//! What is done behind an answer: as soon as the worker that gave it has nothing else to do.
//!
//! A worker that serves one request after the other lets go of each instance before the answer leaves: its place, and
//! the caches that are still warm from it, are the next request's. Only what is done last before the worker would sleep
//! costs nobody's time.

use std::{cell::RefCell, sync::Arc};

use super::{Instance, Instances, Place, idle};

/// What an instance may hold in memory that is let go of later, in bytes: the most of what small functions need.
const SMALL_BYTES: usize = 4 << 20;

/// What the present thread has left for later.
#[derive(Default)]
struct Left {
    /// Whether there is a later: whether the thread has ever told that it had nothing to do.
    parks: bool,
    over: Option<Over>,
}

/// An instance that is done with a request, with leave to be there still.
struct Over {
    instance: Box<Instance>,
    instances: Arc<Instances>,
    leave: Place,
}

thread_local! {
    static LEFT: RefCell<Left> = RefCell::default();
}

/// Does what the calling thread has left for when it has nothing else to do: lets go of an instance that is done, and,
/// where requests come one after the other, makes the next one.
///
/// Whoever builds the executor has each worker call it before the worker sleeps (tokio's `on_thread_park`). Without
/// that nothing is left for later, and no instance is made ahead unasked.
pub fn on_park() {
    let over = LEFT.with_borrow_mut(|left| {
        left.parks = true;
        left.over.take()
    });
    if let Some(Over { instance, instances, leave }) = over {
        drop(instance);
        idle::make_unasked(&instances, leave);
    }
}

/// Lets go of `instance`, which is done with a request: later, if this is the first since the thread had nothing to do,
/// and it keeps from others neither a place that they may need nor much memory. A thread may be busy for long.
pub(super) fn let_go(instances: &Arc<Instances>, instance: Box<Instance>) {
    let is_first = LEFT.with_borrow(|left| left.parks && left.over.is_none());
    if is_first
        && instance.store.data().held_bytes() <= SMALL_BYTES
        && let Some(leave) = instances.places.wait_ahead()
    {
        let over = Over { instance, instances: Arc::clone(instances), leave };
        LEFT.with_borrow_mut(|left| left.over = Some(over));
    }
}

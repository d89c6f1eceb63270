//! The life of one instance that serves several requests at a time.

use std::{
    future::{pending, poll_fn},
    sync::{Arc, Weak},
};

use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};
use wasmtime::component::Accessor;
use wasmtime_wasi_http::p3::bindings::Service;

use super::{super::preview3, Request, State};
use crate::{
    instances::{Instance, Instances, Place, Start},
    seat::Party,
    state::Guest,
};

/// Makes the instance and has it serve `requests`.
pub(super) async fn live(
    instances: Arc<Instances>,
    start: Start,
    requests: mpsc::UnboundedReceiver<Request>,
    state: Arc<State>,
) {
    let patience = instances.terms().limits.timeout();
    let making = instances.instance(start, Party::Company(Arc::clone(&state.company)));
    let made = state.billed(timeout(patience, making)).await;
    let mut instance = match made.map_err(wasmtime::Error::from).flatten() {
        Ok(instance) => instance,
        Err(error) => return state.end(&error),
    };
    if let Err(error) = serve(instances, &mut instance, requests, &state).await {
        state.end(&error);
    }
}

/// Serves `requests` until there are no more, or whoever waits for it is gone.
async fn serve(
    instances: Arc<Instances>,
    instance: &mut Instance,
    requests: mpsc::UnboundedReceiver<Request>,
    state: &Arc<State>,
) -> wasmtime::Result<()> {
    let patience = instances.terms().limits.timeout();
    let Some((store, service)) = preview3::loaded(instances.handlers(), instance)? else { return Ok(()) };
    // It is not for an instance to keep its function.
    let function = Arc::downgrade(&instances);
    drop(instances);
    let answered = store.run_concurrent(async |accessor| {
        answer_all(accessor, service, requests, &function, state).await?;
        // What it was left with after the answers.
        let _ = timeout(patience, poll_fn(|cx| accessor.poll_no_interesting_tasks(cx))).await;
        Ok(())
    });
    // A guest that is busy keeps what is done beside it from being polled, so this is looked after from outside.
    tokio::select! {
        ended = state.billed(answered) => ended.flatten(),
        () = state.useless() => Ok(()),
    }
}

/// Has the guest answer all `requests`, until it has waited in vain for the next, or its function is gone.
async fn answer_all(
    accessor: &Accessor<Guest>,
    service: &Service,
    mut requests: mpsc::UnboundedReceiver<Request>,
    function: &Weak<Instances>,
    state: &Arc<State>,
) -> wasmtime::Result<()> {
    let mut calls = FuturesUnordered::new();
    let mut waiting = None::<Waiting>;
    loop {
        tokio::select! {
            Some(answered) = calls.next(), if !calls.is_empty() => answered?,
            request = requests.recv() => {
                let Some(request) = request else { break };
                waiting = None;
                calls.push(answer(accessor, service, request));
            }
            () = state.idle.notified() => {
                waiting = wait(function, state);
                if waiting.is_none() && retire(function, state) {
                    break;
                }
            }
            () = over(waiting.as_ref()) => {
                waiting = None;
                if retire(function, state) {
                    break;
                }
            }
        }
    }
    while let Some(answered) = calls.next().await {
        answered?;
    }
    Ok(())
}

async fn answer(accessor: &Accessor<Guest>, service: &Service, request: Request) -> wasmtime::Result<()> {
    let Request { request, reply, returned } = request;
    accessor.with(|mut store| store.data_mut().tell_memory());
    preview3::answer_beside(accessor, service, request, reply).await?;
    // Nobody listens where the caller went away.
    let _ = returned.send(());
    Ok(())
}

/// An instance that has nothing to do, with leave to be there still.
struct Waiting {
    until: Instant,
    _leave: Place,
}

/// Lets the instance wait for the next request, if it has nothing to do and may.
fn wait(function: &Weak<Instances>, state: &State) -> Option<Waiting> {
    let instances = function.upgrade().filter(|_| state.is_idle())?;
    let until = Instant::now() + instances.shared()?.idle;
    Some(Waiting { until, _leave: instances.leave_to_wait()? })
}

/// Waits until an instance has waited too long.
async fn over(waiting: Option<&Waiting>) {
    match waiting {
        Some(waiting) => sleep_until(waiting.until).await,
        None => pending().await,
    }
}

/// Has an instance given no more requests, if it serves none now.
fn retire(function: &Weak<Instances>, state: &Arc<State>) -> bool {
    let instances = function.upgrade();
    instances.as_ref().and_then(|instances| instances.shared()).is_none_or(|shared| shared.retire(state))
}

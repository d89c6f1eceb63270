//! Asynchronous calls: taken under a lease, made, and ended or put off.

use std::{sync::Arc, time::Duration};

use control::{CallOutcome, Calls, DueCall, Error, Routing};
use domain::QueueName;
use tokio::{
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long a call is held for this server before others may have it. It is extended while the guest runs.
const LEASE: Duration = Duration::from_secs(30);

/// How often a lease is extended: twice may fail.
const EXTEND_EVERY: Duration = Duration::from_secs(10);

/// How often the server looks for calls that others took in.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long it rests when the store does not answer.
const REST: Duration = Duration::from_secs(1);

/// Calls under way at once, over all functions; each function's own limit holds besides.
const MAX_UNDER_WAY: usize = 64;

/// How often the records of ended calls are looked through for those that are old enough to be forgotten.
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);

/// Makes calls until `shutdown`, then lets those under way end, for at most `drain`. What is cut then is tried
/// again when its lease has ended.
pub async fn serve(routing: Routing, calls: Calls, drain: Duration, shutdown: CancellationToken) {
    let tasks = TaskTracker::new();
    let cut = CancellationToken::new();
    let places = Arc::new(Semaphore::new(MAX_UNDER_WAY));
    let take = async {
        let mut arrivals = calls.arrivals();
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            match next(&calls).await {
                Ok(Some(due)) => {
                    let (routing, calls) = (routing.clone(), calls.clone());
                    let make = async move {
                        make(&routing, &calls, due).await;
                        drop(place);
                    };
                    tasks.spawn(cut.clone().run_until_cancelled_owned(make));
                }
                Ok(None) => {
                    // Nothing arrived in time: the look that follows is what counts.
                    let _ = timeout(LOOK_EVERY, arrivals.changed()).await;
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "calls cannot be taken now");
                    sleep(REST).await;
                }
            }
        }
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = take => {}
        () = sweep(&calls) => {}
    }
    crate::drain::drain(&tasks, drain, &cut, "calls").await;
}

/// Takes a call that is due. Writes only where there is one.
async fn next(calls: &Calls) -> Result<Option<DueCall>, Error> {
    match calls.next_in().await? {
        Some(Duration::ZERO) => calls.take(LEASE).await,
        _ => Ok(None),
    }
}

async fn make(routing: &Routing, calls: &Calls, due: DueCall) {
    let id = due.id();
    let attempted = tokio::select! {
        attempted = attempt(routing, &due) => attempted,
        () = keep(calls, &due) => {
            tracing::warn!(invocation.id = %id, "the lease of a call was lost; another server has it");
            return;
        }
    };
    let (outcome, dead_letters) = attempted;
    match calls.settle(due, outcome, dead_letters).await {
        Ok(true) => {}
        Ok(false) => tracing::warn!(invocation.id = %id, "a call was settled too late: another server has it"),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, invocation.id = %id, "a call could not be settled");
        }
    }
}

/// One attempt, and where the call goes if it was the last one.
async fn attempt(routing: &Routing, due: &DueCall) -> (CallOutcome, Option<QueueName>) {
    let target = match due.target(routing).await {
        Ok(Some(target)) => target,
        Ok(None) => return (CallOutcome::Failed("its version was deleted".to_owned()), None),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the version of a call cannot be looked up now");
            return (CallOutcome::NotLetIn("its version cannot be looked up now".to_owned()), None);
        }
    };
    let dead_letters = target.dead_letter_queue().cloned();
    let outcome = match target.call_by_name(due.id(), due.payload()).await {
        Ok(Ok(answer)) => CallOutcome::Answered(answer),
        Ok(Err(failure)) => CallOutcome::Failed(format!("{}: {}", failure.code, failure.message)),
        Err(fault) if fault.was_run() => CallOutcome::Failed(fault.in_words()),
        Err(fault) => CallOutcome::NotLetIn(fault.message().to_owned()),
    };
    (outcome, dead_letters)
}

/// Extends the lease; returns when it is lost.
async fn keep(calls: &Calls, due: &DueCall) {
    loop {
        sleep(EXTEND_EVERY).await;
        match calls.extend(due, LEASE).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a lease cannot be extended now");
            }
        }
    }
}

/// Forgets the records of calls that ended long ago, as long as the server runs.
async fn sweep(calls: &Calls) {
    loop {
        match calls.sweep().await {
            Ok(true) => {}
            Ok(false) => sleep(SWEEP_EVERY).await,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "old calls cannot be deleted now");
                sleep(SWEEP_EVERY).await;
            }
        }
    }
}

//! Slots of schedules: taken when they are due, run by functions, and settled.
//!
//! Knows when to look and how a run is kept alive. What is due, and whose turn it is, the ledger decides.

use std::time::{Duration, Instant};

use control::{Routing, Schedules, SlotRun, TakenSlot};
use runtime::Slot;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Slots that one server runs at once.
const PLACES: usize = 64;
/// How long other servers' changes stay unseen at most.
const LOOK: Duration = Duration::from_secs(1);
/// The shortest time between two looks, and the time to wait when the ledger does not answer.
const PAUSE: Duration = Duration::from_millis(5);
/// How often the ledger is swept.
const SWEEP: Duration = Duration::from_secs(600);
/// How often settling a slot is tried when the ledger does not answer: for as long as its lease may last.
const SETTLING: u32 = 15;

/// Runs slots as they come due until `shutdown`, then lets those under way end, for at most `drain`. What is cut
/// then counts as failed, and is tried again where the schedule says so.
pub async fn serve(routing: Routing, schedules: Schedules, drain: Duration, shutdown: CancellationToken) {
    let runs = TaskTracker::new();
    let cut = CancellationToken::new();
    let look = async {
        let mut swept = Instant::now();
        loop {
            let wait = match begin(&routing, &schedules, &runs, &cut).await {
                Ok(wait) => wait,
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "the ledger of schedules does not answer");
                    LOOK
                }
            };
            if swept.elapsed() > SWEEP {
                swept = Instant::now();
                if let Err(error) = schedules.sweep().await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the ledger of schedules was not swept");
                }
            }
            tokio::select! {
                () = sleep(wait) => {}
                () = schedules.changed() => {}
            }
        }
    };
    shutdown.run_until_cancelled(look).await;
    crate::drain::drain(&runs, drain, &cut, "slots of schedules").await;
}

/// Begins what is due, and says how long nothing will be.
async fn begin(
    routing: &Routing,
    schedules: &Schedules,
    runs: &TaskTracker,
    cut: &CancellationToken,
) -> Result<Duration, control::Error> {
    while schedules.plan().await? > 0 {}
    let places = PLACES.saturating_sub(runs.len());
    if places == 0 {
        return Ok(LOOK);
    }
    for slot in schedules.take(u32::try_from(places).unwrap_or(u32::MAX)).await? {
        runs.spawn(run(slot, routing.clone(), schedules.clone(), cut.clone()));
    }
    let next = schedules.next_at().await?;
    Ok(next.map_or(LOOK, |at| schedules.until(at)).clamp(PAUSE, LOOK))
}

/// Runs one slot while its lease is renewed, and settles it.
async fn run(mut slot: TakenSlot, routing: Routing, schedules: Schedules, cut: CancellationToken) {
    let deadline = Duration::from_millis(slot.trigger.timeout_ms.into());
    let id = routing.next_invocation();
    let target = match routing.slot_target(&slot).await {
        Ok(target) => target,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, slot.id = %slot.id, "no version was found");
            return settle(&schedules, &slot, SlotRun::Held("the function's version is not known now".to_owned()))
                .await;
        }
    };
    slot.run_by = Some((target.version(), id));
    let given = Slot {
        id: slot.id.to_string(),
        name: slot.trigger.name.to_string(),
        scheduled_at_us: slot.scheduled_at.as_us().try_into().unwrap_or(0),
        attempt: slot.attempt,
    };
    let running = async {
        match target.run_slot(id, deadline, given).await {
            Ok(Ok(())) => SlotRun::Ran,
            Ok(Err(word)) => SlotRun::Failed(word),
            Err(fault) if fault.was_run() => SlotRun::Failed(fault.message().to_owned()),
            Err(fault) => SlotRun::Held(fault.message().to_owned()),
        }
    };
    tokio::select! {
        run = running => settle(&schedules, &slot, run).await,
        () = lose(&schedules, &slot) => {
            tracing::warn!(slot.id = %slot.id, "the lease of a slot lapsed while it ran; another server has it");
        }
        () = cut.cancelled() => {
            settle(&schedules, &slot, SlotRun::Failed("the server stopped while it ran".to_owned())).await;
        }
    }
}

/// Renews the lease again and again; returns when it is someone else's.
async fn lose(schedules: &Schedules, slot: &TakenSlot) {
    let mut renewals = interval(Schedules::RENEWAL);
    renewals.set_missed_tick_behavior(MissedTickBehavior::Delay);
    renewals.tick().await;
    loop {
        renewals.tick().await;
        match schedules.renew(slot).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, slot.id = %slot.id, "the lease of a slot was not renewed");
            }
        }
    }
}

/// Settles a slot. If the ledger does not answer for longer than the lease lasts, the slot is run again.
async fn settle(schedules: &Schedules, slot: &TakenSlot, run: SlotRun) {
    for _ in 0..SETTLING {
        match schedules.end(slot, run.clone()).await {
            Ok(true) => return,
            Ok(false) => {
                tracing::warn!(slot.id = %slot.id, "a slot was settled too late; another server has it");
                return;
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, slot.id = %slot.id, "a slot was not settled");
                sleep(LOOK).await;
            }
        }
    }
}

//! The ledger of slots: plans what is due, gives each slot to one server at a time, and notes how it ended.
//!
//! The store decides: whoever plans or takes a slot does it in one transaction under the schedule's lock, so any
//! number of servers may share a database. A slot is lent for [`LEASE_S`]; whoever runs it renews that while it
//! runs, and a server that is gone lets it lapse. Servers' clocks may differ by less than the lease.

use std::{sync::Arc, time::Duration};

use domain::{
    CronTrigger, Ids, SlotKind, SlotState, Timestamp, VersionNumber,
    id::{FunctionId, InvocationId, ProjectId, SlotId},
};
use store::{Slot, SlotEnd, Store, Transaction};
use tokio::sync::Notify;

use super::plan;
use crate::{Error, kept::kept};

/// Seconds for which a slot is lent.
const LEASE_S: i64 = 15;
/// The most schedules that are looked at in one go.
const MOST_SCHEDULES: u32 = 100;
/// How long a slot waits for a place among the function's invocations before it counts as failed.
const PATIENCE_S: i64 = 3_600;
/// The most bytes of an error that are kept.
const MAX_ERROR_BYTES: usize = 2_048;

/// Plans, lends and settles slots. A cheap handle.
#[derive(Clone)]
pub struct Schedules(Arc<Inner>);

struct Inner {
    store: Store,
    ids: Ids,
    changed: Notify,
}

/// A slot that is this server's to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenSlot {
    /// Identifies it, the same at each attempt.
    pub id: SlotId,
    /// The project.
    pub project_id: ProjectId,
    /// The function.
    pub function_id: FunctionId,
    /// The schedule.
    pub trigger: CronTrigger,
    /// When it was due.
    pub scheduled_at: Timestamp,
    /// Which attempt this is: 1, 2, 3….
    pub attempt: u32,
    /// The version that runs, and the run, once they are known.
    pub run_by: Option<(VersionNumber, InvocationId)>,
    kind: SlotKind,
    fence: i64,
}

/// What came of running a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlotRun {
    /// The function ran and was content.
    Ran,
    /// The function failed, for this reason.
    Failed(String),
    /// The function could not be begun now, for this reason; that is no attempt.
    Held(String),
}

impl Schedules {
    /// How often whoever runs a slot renews its lease.
    pub const RENEWAL: Duration = Duration::from_secs(5);

    /// Opens the ledger in `store`.
    #[must_use]
    pub fn new(store: Store, ids: Ids) -> Self {
        Self(Arc::new(Inner { store, ids, changed: Notify::new() }))
    }

    /// Wakes whoever waits for [`Self::changed`].
    pub(crate) fn wake(&self) {
        self.0.changed.notify_one();
    }

    /// Waits until this server has changed what is due when. Other servers' changes are not told. Cancel safe.
    pub async fn changed(&self) {
        self.0.changed.notified().await;
    }

    /// When there is something to do next.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`].
    pub async fn next_at(&self) -> Result<Option<Timestamp>, Error> {
        Ok(self.0.store.read().await?.find_next_slot_time().await?)
    }

    /// How long it is until `at`.
    #[must_use]
    pub fn until(&self, at: Timestamp) -> Duration {
        let us = at.as_us().saturating_sub(self.0.ids.now().as_us());
        Duration::from_micros(us.try_into().unwrap_or(0))
    }

    /// Writes down every slot that is due, and says how many schedules were due.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`].
    pub async fn plan(&self) -> Result<usize, Error> {
        let due = self.0.store.read().await?.list_due_schedules(self.0.ids.now(), MOST_SCHEDULES).await?;
        let count = due.len();
        for schedule in due {
            let ids = self.0.ids.clone();
            let planned = self
                .0
                .store
                .write(move |transaction| Box::pin(async move { plan::plan(transaction, schedule, &ids).await }));
            planned.await.map_err(|error: store::Error| Error::from(error))?;
        }
        Ok(count)
    }

    /// Takes slots that can be run now, at most `most`; each is this server's until its lease ends.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`].
    pub async fn take(&self, most: u32) -> Result<Vec<TakenSlot>, Error> {
        let available = self.0.store.read().await?.list_available_slots(self.0.ids.now(), most).await?;
        let mut taken = Vec::with_capacity(available.len());
        for slot in available {
            let now = self.0.ids.now();
            let taking = self.0.store.write(move |transaction| Box::pin(take(transaction, slot, now)));
            taken.extend(taking.await.map_err(|error: store::Error| Error::from(error))?);
        }
        Ok(taken)
    }

    /// Renews the lease of a slot that runs. `false` if it is someone else's by now: whatever comes of the run
    /// counts no more.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`].
    pub async fn renew(&self, slot: &TakenSlot) -> Result<bool, Error> {
        let (id, fence, lease) = (slot.id, slot.fence, self.0.ids.now().plus_seconds(LEASE_S));
        let renewing = self
            .0
            .store
            .write(move |transaction| Box::pin(async move { transaction.extend_slot(id, fence, lease).await }));
        renewing.await.map_err(|error: store::Error| Error::from(error))
    }

    /// Settles a slot, or has it tried again. `false` if it is someone else's by now, and nothing changed.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`].
    pub async fn end(&self, slot: &TakenSlot, run: SlotRun) -> Result<bool, Error> {
        let end = self.outcome(slot, run);
        let (slot, now) = (slot.clone(), self.0.ids.now());
        let ending = self.0.store.write(move |transaction| {
            Box::pin(async move {
                transaction.lock_schedule(slot.function_id, &slot.trigger.name).await?;
                let ended = transaction.end_slot(slot.id, slot.fence, &end).await?;
                if let Some((version, invocation)) = slot.run_by.filter(|_| ended) {
                    transaction.update_slot_run(slot.id, slot.fence, version, invocation).await?;
                }
                if ended && end.finished_at_us.is_some() {
                    transaction.release_next_slot(slot.function_id, &slot.trigger.name, now).await?;
                }
                Ok(ended)
            })
        });
        let ended = ending.await.map_err(|error: store::Error| Error::from(error))?;
        self.wake();
        Ok(ended)
    }

    /// Lets go of slots that were settled long ago: of each schedule, those beyond the latest 10,000.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`].
    pub async fn sweep(&self) -> Result<u64, Error> {
        let long = self.0.store.read().await?.list_long_ledgers(plan::LEDGER).await?;
        let mut swept = 0;
        for (function, name) in long {
            let sweeping = self.0.store.write(move |transaction| {
                Box::pin(async move { transaction.delete_old_slots(function, &name, plan::LEDGER).await })
            });
            swept += sweeping.await.map_err(|error: store::Error| Error::from(error))?;
        }
        Ok(swept)
    }

    fn outcome(&self, slot: &TakenSlot, run: SlotRun) -> SlotEnd {
        let now = self.0.ids.now();
        let settled = |state, error: Option<String>| SlotEnd {
            state,
            attempt: slot.attempt,
            available_at_us: None,
            finished_at_us: Some(now),
            error: error.map(|error| kept(error, MAX_ERROR_BYTES)),
        };
        let again = |state, attempt, at, error: String| SlotEnd {
            state,
            attempt,
            available_at_us: Some(at),
            finished_at_us: None,
            error: Some(kept(error, MAX_ERROR_BYTES)),
        };
        match run {
            SlotRun::Ran if slot.kind == SlotKind::Late => settled(SlotState::CaughtUp, None),
            SlotRun::Ran => settled(SlotState::Ran, None),
            SlotRun::Failed(error) if slot.attempt > slot.trigger.retries => settled(SlotState::Failed, Some(error)),
            SlotRun::Failed(error) => again(SlotState::Retrying, slot.attempt, self.next_try(now, slot.attempt), error),
            SlotRun::Held(error) if now > slot.scheduled_at.plus_seconds(PATIENCE_S) && slot.kind != SlotKind::Late => {
                settled(SlotState::Failed, Some(error))
            }
            SlotRun::Held(error) => {
                let before = slot.attempt.saturating_sub(1);
                let state = if before == 0 { SlotState::Waiting } else { SlotState::Retrying };
                again(state, before, now.plus_seconds(1), error)
            }
        }
    }

    /// 10 s after the first attempt, then twice as long each time, ± 20 %, at most 15 minutes.
    fn next_try(&self, now: Timestamp, attempt: u32) -> Timestamp {
        let seconds = 10_i64.saturating_mul(1 << attempt.saturating_sub(1).min(10)).min(900);
        let [draw] = self.0.ids.random::<1>();
        let spread = 800_000 + i64::from(draw) * 400_000 / 255;
        Timestamp(now.as_us().saturating_add(seconds.saturating_mul(spread)))
    }
}

/// Takes `slot` if it can be taken still, or notes why it is not run.
async fn take(transaction: &mut Transaction, slot: Slot, now: Timestamp) -> Result<Option<TakenSlot>, store::Error> {
    let Slot { id, function_id, name, .. } = slot;
    let schedule = transaction.lock_schedule(function_id, &name).await?;
    // Someone may have had it between the look and the lock.
    let Some(slot) = transaction.find_slot(id).await?.filter(|slot| slot.available_at_us.is_some_and(|at| at <= now))
    else {
        return Ok(None);
    };
    let Some(schedule) = schedule else {
        return settle(transaction, &slot, SlotState::Failed, Some(plan::REMOVED), now).await;
    };
    if slot.state == SlotState::Running && slot.attempt > schedule.trigger.retries {
        let error = "the server that ran it went away, and the schedule has no retries left";
        return settle(transaction, &slot, SlotState::Failed, Some(error), now).await;
    }
    let begins = slot.state == SlotState::Waiting && schedule.trigger.overlap == domain::Overlap::Forbid;
    if begins && transaction.has_begun_slot(function_id, &name, Some(id)).await? {
        if slot.kind == SlotKind::Due {
            return settle(transaction, &slot, SlotState::SkippedOverlap, None, now).await;
        }
        // It waits for the end of the one that runs, which releases it.
        let end = SlotEnd {
            state: slot.state,
            attempt: slot.attempt,
            available_at_us: None,
            finished_at_us: None,
            error: slot.error,
        };
        transaction.end_slot(id, slot.fence, &end).await?;
        return Ok(None);
    }
    let Some(slot) = transaction.take_slot(id, now, now.plus_seconds(LEASE_S)).await? else { return Ok(None) };
    Ok(Some(TakenSlot {
        id,
        project_id: schedule.project_id,
        function_id,
        trigger: schedule.trigger,
        scheduled_at: slot.scheduled_at_us,
        attempt: slot.attempt,
        run_by: None,
        kind: slot.kind,
        fence: slot.fence,
    }))
}

/// Settles a slot that nobody runs.
async fn settle(
    transaction: &mut Transaction,
    slot: &Slot,
    state: SlotState,
    error: Option<&str>,
    now: Timestamp,
) -> Result<Option<TakenSlot>, store::Error> {
    let end = SlotEnd {
        state,
        attempt: slot.attempt,
        available_at_us: None,
        finished_at_us: Some(now),
        error: error.map(str::to_owned).or_else(|| slot.error.clone()),
    };
    transaction.end_slot(slot.id, slot.fence, &end).await?;
    transaction.release_next_slot(slot.function_id, &slot.name, now).await?;
    Ok(None)
}

//! Which slots are due, and what is to become of each.

use domain::{
    CatchUp, CronTrigger, Ids, Overlap, SlotKind, SlotState, Timestamp, Trigger, id::SlotId, schedule::Schedule,
};
use store::{Slot, Transaction};

use crate::Error;

/// The most settled slots of a schedule that are kept, and the most that are written down after down time.
pub(super) const LEDGER: u32 = 10_000;
/// Slots that are written down in one transaction.
const CHUNK: usize = 500;
/// A slot that is written down later than this was due while no server was there.
const GRACE_S: i64 = 10;
/// Why slots of a schedule that is gone are not run.
pub(super) const REMOVED: &str = "a deployment removed the schedule";

/// Checks expressions and zones of all schedules among `triggers`.
///
/// # Errors
///
/// [`Error::Invalid`] that names the trigger.
pub(crate) fn check(triggers: &[Trigger]) -> Result<(), Error> {
    for (index, trigger) in triggers.iter().enumerate() {
        if let Some(cron) = trigger.as_cron() {
            parse(cron).map_err(|invalid| invalid.within(&format!("triggers[{index}]")))?;
        }
    }
    Ok(())
}

pub(super) fn parse(trigger: &CronTrigger) -> Result<Schedule, domain::Invalid> {
    Schedule::new(&trigger.schedule, &trigger.timezone)
}

/// Puts the schedules among `triggers` in the place of those that `function` has. One that stays as it is goes on
/// where it was, another begins at `now`; both stay paused where they are.
///
/// # Errors
///
/// [`Error::Invalid`], [`Error::Unavailable`].
pub(crate) async fn replace(
    transaction: &mut Transaction,
    function: &store::Function,
    triggers: &[Trigger],
    now: Timestamp,
) -> Result<(), Error> {
    check(triggers)?;
    let wanted: Vec<_> = triggers.iter().filter_map(Trigger::as_cron).collect();
    for there in transaction.list_schedules_of(function.id).await? {
        let name = &there.trigger.name;
        transaction.lock_schedule(function.id, name).await?;
        if !wanted.iter().any(|trigger| trigger.name == *name) {
            transaction.delete_schedule(function.id, name).await?;
            transaction.abandon_slots(function.id, name, now, REMOVED).await?;
        }
    }
    for trigger in wanted {
        let there = transaction.find_schedule(function.id, &trigger.name).await?;
        let stays = |there: &store::Schedule| {
            there.trigger.schedule == trigger.schedule && there.trigger.timezone == trigger.timezone
        };
        let schedule = match there {
            Some(there) if stays(&there) => store::Schedule { trigger: trigger.clone(), ..there },
            other => {
                let paused = other.and_then(|there| there.paused);
                let next = if paused.is_some() { None } else { parse(trigger)?.next_after(now) };
                store::Schedule {
                    project_id: function.project_id,
                    function_id: function.id,
                    function: function.name.clone(),
                    trigger: trigger.clone(),
                    planned_until_us: now,
                    next_at_us: next,
                    paused,
                }
            }
        };
        transaction.upsert_schedule(&schedule).await?;
    }
    Ok(())
}

/// Writes down the slots of `due` up to now, unless someone else has done so.
pub(super) async fn plan(transaction: &mut Transaction, due: store::Schedule, ids: &Ids) -> Result<(), store::Error> {
    let (function, name) = (due.function_id, &due.trigger.name);
    if transaction.lock_schedule(function, name).await?.as_ref() != Some(&due) {
        return Ok(());
    }
    let now = ids.now();
    let Ok(schedule) = parse(&due.trigger) else {
        tracing::error!(function.id = %function, schedule = %name, "a stored schedule cannot be read; it is due no more");
        return transaction.upsert_schedule(&store::Schedule { next_at_us: None, ..due }).await;
    };
    let slots = schedule.between(due.planned_until_us, now, LEDGER as usize);
    let newest_late = slots.iter().rev().copied().find(|slot| is_late(*slot, now));
    let queues = due.trigger.overlap == Overlap::Forbid;
    let chunk = slots.get(..CHUNK).unwrap_or(&slots);
    for slot in chunk {
        let (kind, state) = decide(&due.trigger, *slot, now, newest_late);
        let waits = kind == SlotKind::Late && queues;
        let slot = Slot {
            finished_at_us: state.is_settled().then_some(now),
            available_at_us: (state == SlotState::Waiting && !waits).then_some(now),
            ..slot_of(&due, *slot, kind, state, ids)
        };
        transaction.insert_slot(&slot).await?;
    }
    if queues && !transaction.has_begun_slot(function, name, None).await? {
        transaction.release_next_slot(function, name, now).await?;
    }
    let until = match chunk.last() {
        Some(last) if chunk.len() < slots.len() => *last,
        _ => now,
    };
    let next_at_us = schedule.next_after(until);
    transaction.upsert_schedule(&store::Schedule { planned_until_us: until, next_at_us, ..due }).await
}

/// A slot of `schedule` that nobody has run.
pub(super) fn slot_of(schedule: &store::Schedule, at: Timestamp, kind: SlotKind, state: SlotState, ids: &Ids) -> Slot {
    let millis = u64::try_from(at.as_us() / 1_000).unwrap_or(0);
    Slot {
        id: SlotId::from_parts(millis, ids.random()),
        function_id: schedule.function_id,
        name: schedule.trigger.name.clone(),
        scheduled_at_us: at,
        kind,
        state,
        attempt: 0,
        fence: 0,
        available_at_us: None,
        version: None,
        invocation_id: None,
        started_at_us: None,
        finished_at_us: None,
        error: None,
        requested_by: None,
    }
}

fn is_late(slot: Timestamp, now: Timestamp) -> bool {
    slot.plus_seconds(GRACE_S) < now
}

fn decide(
    trigger: &CronTrigger,
    slot: Timestamp,
    now: Timestamp,
    newest_late: Option<Timestamp>,
) -> (SlotKind, SlotState) {
    let catches_up = match trigger.catch_up {
        CatchUp::Skip => false,
        CatchUp::One => newest_late == Some(slot),
        CatchUp::All => true,
    };
    match (is_late(slot, now), catches_up) {
        (false, _) => (SlotKind::Due, SlotState::Waiting),
        (true, true) => (SlotKind::Late, SlotState::Waiting),
        (true, false) => (SlotKind::Late, SlotState::MissedDown),
    }
}

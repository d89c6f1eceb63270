//! Schedules: what people see of them and of their ledger, and what they may do with them.

mod ledger;
mod plan;

use domain::{
    Action, CronName, CronTrigger, FunctionName, ProjectName, SlotKind, SlotState, Timestamp, id::FunctionId, schedule,
};
use store::Reader;

pub use ledger::{Schedules, SlotRun, TakenSlot};
pub(crate) use plan::{check, replace};
pub use store::Slot;

use crate::{Caller, Control, Error, Page, PageQuery};

/// The runs to come that a schedule shows.
const SHOWN_RUNS: usize = 5;
/// The most runs to come that can be asked for.
const MAX_RUNS: u32 = 100;

/// A schedule of a function's live deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The function.
    pub function: FunctionName,
    /// All that the deployment says of it.
    pub trigger: CronTrigger,
    /// When it is due next, soonest first; none while it is paused.
    pub next: Vec<Timestamp>,
    /// Since when it is paused, and by whom.
    pub paused: Option<(Timestamp, String)>,
    /// Its latest slot.
    pub last: Option<Slot>,
}

impl Control {
    /// The ledger of slots, for the data plane.
    #[must_use]
    pub fn schedules(&self) -> &Schedules {
        &self.0.schedules
    }

    /// The schedules of `project`, by function and name.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] for the cursor.
    pub async fn list_schedules(
        &self,
        caller: &Caller,
        project: &ProjectName,
        query: &PageQuery,
    ) -> Result<Page<Schedule>, Error> {
        let project = caller.require(project, Action::ScheduleRead)?.project;
        let mut reader = self.0.store.read().await?;
        let page = reader.list_schedules(project, query.after()?, query.limit()).await?;
        let next_cursor = page.next.map(|key| key.to_string());
        let mut items = Vec::with_capacity(page.items.len());
        for schedule in page.items {
            items.push(self.present(&mut reader, schedule).await?);
        }
        Ok(Page { items, next_cursor })
    }

    /// One schedule.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn find_schedule(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        name: &CronName,
    ) -> Result<Schedule, Error> {
        let function = self.function_for(caller, project, function, Action::ScheduleRead).await?;
        let mut reader = self.0.store.read().await?;
        let found = reader.find_schedule(function.id, name).await?.ok_or_else(|| no_schedule(name))?;
        self.present(&mut reader, found).await
    }

    /// The ledger of a schedule, latest slot first. It stays when a deployment removes the schedule.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] for the cursor.
    pub async fn list_slots(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        name: &CronName,
        query: &PageQuery,
    ) -> Result<Page<Slot>, Error> {
        let function = self.function_for(caller, project, function, Action::ScheduleRead).await?;
        let mut reader = self.0.store.read().await?;
        let slots = reader.list_slots(function.id, name, query.after()?, query.limit()).await?;
        if slots.items.is_empty() && reader.find_schedule(function.id, name).await?.is_none() {
            return Err(no_schedule(name));
        }
        Ok(Page::of(slots))
    }

    /// When a schedule is due after `after`: `count` times, 1 to 100. Nobody asks whether it is paused.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] for the count.
    pub async fn next_runs(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        name: &CronName,
        (after, count): (Option<Timestamp>, Option<u32>),
    ) -> Result<Vec<Timestamp>, Error> {
        let function = self.function_for(caller, project, function, Action::ScheduleRead).await?;
        let found = self.0.store.read().await?.find_schedule(function.id, name).await?;
        let trigger = found.ok_or_else(|| no_schedule(name))?.trigger;
        self.runs(&trigger.schedule, &trigger.timezone, after, count)
    }

    /// When a schedule would be due that is not deployed: `count` times after `after`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] for the expression, the zone or the count.
    pub fn preview_schedule(
        &self,
        caller: &Caller,
        project: &ProjectName,
        (schedule, timezone): (&str, &str),
        (after, count): (Option<Timestamp>, Option<u32>),
    ) -> Result<Vec<Timestamp>, Error> {
        caller.require(project, Action::ScheduleRead)?;
        self.runs(schedule, timezone, after, count)
    }

    /// Has a function run for a slot of its own, now, also while the schedule is paused.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Conflict`] `schedule-busy` if a slot runs and the
    /// schedule forbids overlap.
    pub async fn run_schedule(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        name: &CronName,
    ) -> Result<Slot, Error> {
        let function = self.function_for(caller, project, function, Action::ScheduleOperate).await?;
        let (by, now, ids, name) = (caller.name().clone(), self.0.ids.now(), self.0.ids.clone(), name.clone());
        let inserting = self.0.store.write(move |transaction| {
            Box::pin(async move {
                let found = transaction.lock_schedule(function.id, &name).await?;
                let schedule = found.ok_or_else(|| no_schedule(&name))?;
                let forbids = schedule.trigger.overlap == domain::Overlap::Forbid;
                if forbids && transaction.has_begun_slot(function.id, &name, None).await? {
                    let detail = format!(
                        "a slot of {name} runs or is to be tried again, and the schedule forbids overlap; wait for its \
                         end, or deploy with overlap = allow"
                    );
                    return Err(Error::conflict("schedule-busy", detail));
                }
                let slot = Slot {
                    available_at_us: Some(now),
                    requested_by: Some(by),
                    ..plan::slot_of(&schedule, now, SlotKind::Manual, SlotState::Waiting, &ids)
                };
                transaction.insert_slot(&slot).await?;
                Ok(slot)
            })
        });
        let slot = inserting.await?;
        self.0.schedules.wake();
        Ok(slot)
    }

    /// Pauses a schedule: it is due no more until it is resumed. Slots that were due already run to their end.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn pause_schedule(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        name: &CronName,
    ) -> Result<Schedule, Error> {
        let function = self.function_for(caller, project, function, Action::ScheduleOperate).await?;
        let (by, now) = (caller.name().clone(), self.0.ids.now());
        let pause = move |there: store::Schedule| {
            let paused = there.paused.clone().or(Some((now, by)));
            Ok(store::Schedule { paused, next_at_us: None, ..there })
        };
        self.change_schedule(function.id, name, pause).await
    }

    /// Resumes a schedule. What would have been due while it was paused is not made up for.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn resume_schedule(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        name: &CronName,
    ) -> Result<Schedule, Error> {
        let function = self.function_for(caller, project, function, Action::ScheduleOperate).await?;
        let now = self.0.ids.now();
        let resume = move |there: store::Schedule| {
            if there.paused.is_none() {
                return Ok(there);
            }
            let next_at_us = plan::parse(&there.trigger)?.next_after(now);
            Ok(store::Schedule { paused: None, planned_until_us: now, next_at_us, ..there })
        };
        self.change_schedule(function.id, name, resume).await
    }

    async fn change_schedule(
        &self,
        function: FunctionId,
        name: &CronName,
        change: impl FnOnce(store::Schedule) -> Result<store::Schedule, Error> + Send + 'static,
    ) -> Result<Schedule, Error> {
        let name = name.clone();
        let changing = self.0.store.write(move |transaction| {
            Box::pin(async move {
                let found = transaction.lock_schedule(function, &name).await?;
                let changed = change(found.ok_or_else(|| no_schedule(&name))?)?;
                transaction.upsert_schedule(&changed).await?;
                Ok::<_, Error>(changed)
            })
        });
        let changed = changing.await?;
        self.0.schedules.wake();
        self.present(&mut self.0.store.read().await?, changed).await
    }

    fn runs(
        &self,
        expression: &str,
        timezone: &str,
        after: Option<Timestamp>,
        count: Option<u32>,
    ) -> Result<Vec<Timestamp>, Error> {
        let count = count.unwrap_or(10);
        if !(1..=MAX_RUNS).contains(&count) {
            return Err(Error::invalid("count", format!("is {count}; use 1 to {MAX_RUNS}")));
        }
        let schedule = schedule::Schedule::new(expression, timezone)?;
        Ok(upcoming(&schedule, after.unwrap_or_else(|| self.0.ids.now()), count as usize))
    }

    /// A schedule as its caller sees it.
    async fn present(&self, reader: &mut Reader, found: store::Schedule) -> Result<Schedule, Error> {
        let last = reader.list_slots(found.function_id, &found.trigger.name, None, 1).await?.items.pop();
        let next = match plan::parse(&found.trigger) {
            Ok(schedule) if found.paused.is_none() => upcoming(&schedule, self.0.ids.now(), SHOWN_RUNS),
            _ => Vec::new(),
        };
        let paused = found.paused.map(|(at, by)| (at, by.to_string()));
        Ok(Schedule { function: found.function, trigger: found.trigger, next, paused, last })
    }
}

fn upcoming(schedule: &schedule::Schedule, after: Timestamp, count: usize) -> Vec<Timestamp> {
    std::iter::successors(schedule.next_after(after), |slot| schedule.next_after(*slot)).take(count).collect()
}

fn no_schedule(name: &CronName) -> Error {
    Error::not_found(format!("schedule {name}"))
}

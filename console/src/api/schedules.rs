//! Schedules and the ledger of their slots.

use wire::{Page, Schedule, ScheduleRuns, Slot};

use super::{Api, Reply, encoded, function_path, project_path};

impl Api {
    /// Reads a project's schedules, by function and name.
    pub(crate) fn list_schedules(self, project: &str, pages: u32) -> Reply<Page<Schedule>> {
        self.get_list(format!("{}/schedules", project_path(project)), pages)
    }

    /// Reads a schedule.
    pub(crate) fn find_schedule(self, project: &str, function: &str, name: &str) -> Reply<Schedule> {
        self.get(schedule_path(project, function, name))
    }

    /// Reads what became of a schedule's slots, latest first.
    pub(crate) fn list_slots(self, project: &str, function: &str, name: &str, pages: u32) -> Reply<Page<Slot>> {
        self.get_list(format!("{}/slots", schedule_path(project, function, name)), pages)
    }

    /// Asks when a schedule would be due that need not be deployed.
    pub(crate) fn preview_schedule(self, project: &str, schedule: &str, timezone: &str) -> Reply<ScheduleRuns> {
        let (schedule, timezone) = (encoded(schedule), encoded(timezone));
        let project = project_path(project);
        self.get(format!("{project}/schedule-preview?schedule={schedule}&timezone={timezone}&count=3"))
    }

    /// Has the function run now, for a slot of its own.
    pub(crate) fn run_schedule(self, project: &str, function: &str, name: &str) -> Reply<Slot> {
        self.post(format!("{}/run", schedule_path(project, function, name)), &())
    }

    /// Has a schedule due no more, or again.
    pub(crate) fn pause_schedule(self, project: &str, function: &str, name: &str, paused: bool) -> Reply<Schedule> {
        let verb = if paused { "pause" } else { "resume" };
        self.post(format!("{}/{verb}", schedule_path(project, function, name)), &())
    }
}

/// The address of a schedule in the API.
fn schedule_path(project: &str, function: &str, name: &str) -> String {
    format!("{}/schedules/{}", function_path(project, function), encoded(name))
}

//! A project's schedules: when each is due next, and how its last slot ended.

mod ledger;
pub(crate) mod schedule;

use leptos::prelude::*;
use wire::{Page, Schedule};

use self::ledger::slot_state;
use super::{parameter, queues::row_link};
use crate::{
    api::Api,
    components::{
        cli::SameAsCli,
        copy::CodeLine,
        header::PageHeader,
        icon::Glyph,
        more::More,
        table::{Column, nothing, row, second, state, table, teach},
        time::{When, WhenBoth},
    },
    place,
    remote::Remote,
};

/// The list, or for a project without schedules how to have one.
#[component]
pub(crate) fn SchedulesPage() -> impl IntoView {
    let api = Api::here();
    let project = parameter("project");
    let pages = RwSignal::new(1);
    let schedules =
        Remote::new(move || (project.get(), pages.get()), move |(project, pages)| api.list_schedules(&project, pages));
    view! {
        <PageHeader crumbs=Vec::new() title="Schedules" />
        {schedules.view("schedules", move |page| {
            let project = project.get_untracked();
            if page.items.is_empty() {
                view! { <SchedulesEmpty /> }.into_any()
            } else {
                view! { <ScheduleTable project page pages /> }.into_any()
            }
        })}
    }
}

/// What schedules are, and how to have one.
#[component]
fn SchedulesEmpty() -> impl IntoView {
    const EXAMPLE: &str =
        "[[function.report.cron]]\nname = \"nightly\"\nschedule = \"0 3 * * *\"\ntimezone = \"Europe/Berlin\"";
    let steps = teach(&[
        (
            "Say when",
            "A schedule is a trigger of a function: five fields or a name such as @hourly, in a time zone of its own.",
        ),
        (
            "Each time is a slot",
            "One server runs it, once. Slots that were missed are caught up or noted, as the trigger says.",
        ),
        ("Look it up", "The ledger holds what became of every slot, with the error where it failed."),
    ]);
    view! {
        <div class="empty">
            {steps}
            <h2>"Give a function a schedule"</h2>
            <p class="muted">"On its page Triggers, or in dormouse.toml:"</p>
            <div class="code-block">
                <pre tabindex="0" aria-label="Example"><code>{EXAMPLE}</code></pre>
            </div>
            <CodeLine text="dormouse deploy" what="the deploy command" />
        </div>
    }
}

const COLUMNS: &[Column] = &[
    Column::text("Name"),
    Column::text("Schedule"),
    Column::text("State"),
    Column::text("Next run"),
    Column::text("Last slot"),
];

/// The table of schedules.
#[component]
fn ScheduleTable(project: String, page: Page<Schedule>, pages: RwSignal<u32>) -> impl IntoView {
    let more = page.next_cursor.is_some();
    let command = format!("dormouse cron list --project {project}");
    let rows = page.items.into_iter().map(|schedule| schedule_row(&project, schedule)).collect();
    view! { {table(COLUMNS, rows)} <More there_is=more pages /> <SameAsCli command /> }
}

/// One schedule.
fn schedule_row(project: &str, schedule: Schedule) -> AnyView {
    let name = schedule.trigger.name.to_string();
    let function = place::function(project, &schedule.function, "triggers");
    let next =
        schedule.next_at_us.first().map_or_else(|| nothing("none"), |at| view! { <WhenBoth at=*at /> }.into_any());
    let last = schedule.last.map_or_else(
        || nothing("never"),
        |slot| {
            view! { {slot_state(slot.state)} <span class="second"><When at=slot.scheduled_at_us /></span> }.into_any()
        },
    );
    row(
        COLUMNS,
        vec![
            view! {
                {row_link(place::schedule(project, &schedule.function, &name), name)}
                <span class="second">"of " {row_link(function, schedule.function)}</span>
            }
            .into_any(),
            view! { <code>{schedule.trigger.schedule}</code> {second(schedule.trigger.timezone)} }.into_any(),
            schedule_state(schedule.paused_at_us.is_some()),
            next,
            last,
        ],
    )
}

/// Whether a schedule is due at all.
pub(crate) fn schedule_state(paused: bool) -> AnyView {
    if paused { state("state waiting", Glyph::Pause, "paused") } else { state("state ok", Glyph::Check, "on") }
}

//! One schedule: its next runs, its ledger, running it by hand and pausing it.

use leptos::prelude::*;
use wire::{Action, CatchUp, Overlap, Schedule};

use super::{ledger::LedgerTable, schedule_state};
use crate::{
    account::Account,
    api::Api,
    components::{
        cli::SameAsCli,
        error::OrderError,
        header::PageHeader,
        icon::{Glyph, Icon},
        table::facts,
        time::{When, WhenBoth},
    },
    format,
    order::Order,
    pages::{
        parameter,
        queues::{PULSE, row_link},
    },
    place,
    remote::Remote,
    toasts::Toasts,
};

/// What names a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    project: String,
    function: String,
    name: String,
}

/// The page.
#[component]
pub(crate) fn SchedulePage() -> impl IntoView {
    let api = Api::here();
    let (project, function, name) = (parameter("project"), parameter("function"), parameter("schedule"));
    let key = Memo::new(move |_| Key { project: project.get(), function: function.get(), name: name.get() });
    let schedule = Remote::new(move || key.get(), move |key| api.find_schedule(&key.project, &key.function, &key.name));
    let pages = RwSignal::new(1);
    let slots = Remote::new(
        move || (key.get(), pages.get()),
        move |(key, pages)| api.list_slots(&key.project, &key.function, &key.name, pages),
    );
    schedule.every(PULSE);
    slots.every(PULSE);
    let crumbs = Signal::derive(move || {
        vec![
            (place::schedules(&project.get()), "Schedules".to_owned()),
            (place::function(&project.get(), &function.get(), "triggers"), function.get()),
        ]
    });
    let paused = Memo::new(move |_| schedule.get().map(|schedule| schedule.paused_at_us.is_some()));
    let state = move || paused.get().map(schedule_state);
    let refresh = move || {
        schedule.reload();
        slots.reload();
    };
    let command = move |verb: &str| {
        let Key { project, function, name } = key.get();
        format!("dormouse cron {verb} {name} --function {function} --project {project}")
    };
    let others = Signal::derive(move || {
        let toggle = if paused.get() == Some(true) { "resume" } else { "pause" };
        ["next", "run", toggle].map(command).to_vec()
    });
    view! {
        <PageHeader crumbs title=name>
            {state}
            <span class="grow"></span>
            <Orders key paused refresh />
        </PageHeader>
        {schedule.view("the schedule", move |schedule| view! { <Facts key schedule /> })}
        <h2>"Ledger"</h2>
        {slots.view("the ledger", move |page| {
            if page.items.is_empty() {
                view! {
                    <p class="muted">"No slot was due yet. Each time at which the schedule is due stands here, with what became of it."</p>
                }
                .into_any()
            } else {
                view! { <LedgerTable page pages /> }.into_any()
            }
        })}
        <SameAsCli command=Signal::derive(move || command("ledger")) others />
    }
}

/// Runs it now; pauses or resumes it.
#[component]
fn Orders(
    key: Memo<Key>,
    paused: Memo<Option<bool>>,
    refresh: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let (api, toasts) = (Api::here(), expect_context::<Toasts>());
    let may = expect_context::<Account>().may_now(&key.get_untracked().project, Action::ScheduleOperate);
    let order = Order::new();
    let pause = move |to: bool| {
        let Key { project, function, name } = key.get_untracked();
        order.run(api.pause_schedule(&project, &function, &name, to), move |schedule| {
            refresh();
            let what =
                if schedule.paused_at_us.is_some() { "is due no more until it is resumed" } else { "is due again" };
            toasts.say(format!("{} {what}.", schedule.trigger.name));
        });
    };
    let run = move |_| {
        let Key { project, function, name } = key.get_untracked();
        order.run(api.run_schedule(&project, &function, &name), move |_| {
            refresh();
            toasts.say("It is about to run.");
        });
    };
    let toggle = move || {
        let paused = paused.get()?;
        let (glyph, label) = if paused { (Glyph::Play, "Resume") } else { (Glyph::Pause, "Pause") };
        Some(view! {
            <button type="button" class="button" disabled=move || order.is_busy() on:click=move |_| pause(!paused)>
                <Icon glyph />
                {label}
            </button>
        })
    };
    may.then(|| {
        view! {
            {toggle}
            <button type="button" class="button primary" disabled=move || order.is_busy() on:click=run>
                <Icon glyph=Glyph::Play />
                "Run now"
            </button>
            <OrderError order />
        }
    })
}

/// What the trigger says, and when it is due next.
#[component]
fn Facts(key: Memo<Key>, schedule: Schedule) -> impl IntoView {
    let Key { project, function, .. } = key.get_untracked();
    let trigger = schedule.trigger;
    let overlap = match trigger.overlap {
        Overlap::Forbid => "skipped while the slot before it runs",
        Overlap::Allow => "runs beside the slot before it",
    };
    let catch_up = match trigger.catch_up {
        CatchUp::Skip => "noted, not made up for",
        CatchUp::One => "the latest is made up for",
        CatchUp::All => "all are made up for",
    };
    let zone = format::zone();
    let clocks = (zone != "UTC+0").then(|| {
        view! { <p class="note">"The first time is that of this browser (" {zone} "), the second UTC."</p> }
    });
    let next: Vec<_> = schedule.next_at_us.iter().map(|at| view! { <li><WhenBoth at=*at /></li> }).collect();
    let next = if next.is_empty() {
        view! { <p class="muted">"It is not due while it is paused."</p> }.into_any()
    } else {
        view! { <ol class="runs">{next}</ol> }.into_any()
    };
    let tries =
        format!("{}, each up to {}", trigger.retries + 1, format::duration(u64::from(trigger.timeout_ms) * 1_000));
    let mut all = vec![
        ("Function", row_link(place::function(&project, &function, ""), function)),
        ("Schedule", view! { <code>{trigger.schedule}</code> " in " {trigger.timezone} }.into_any()),
        ("Overlap", overlap.into_any()),
        ("Missed slots", catch_up.into_any()),
        ("Tries", tries.into_any()),
    ];
    if let Some(at) = schedule.paused_at_us {
        let by = format!(" by {}", schedule.paused_by.unwrap_or_default());
        all.push(("Paused", view! { <When at /> {by} }.into_any()));
    }
    view! {
        <div class="columns">
            <section class="panel">
                <h2>"Next runs"</h2>
                {next}
                {clocks}
            </section>
            <section class="panel">
                <h2>"Trigger"</h2>
                {facts(all)}
            </section>
        </div>
    }
}

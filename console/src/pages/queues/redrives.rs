//! Moving a queue's messages to where they came from, or to another queue: with a rate, progress and a stop.

use std::time::Duration;

use leptos::prelude::*;
use wire::{Action, CreateRedrive, Page, Queue, Redrive, RedriveState};

use super::queue::Here;
use crate::{
    api::Api,
    components::{
        cli::SameAsCli,
        error::OrderError,
        field::{Choice, TextField},
        form::OrderForm,
        icon::Glyph,
        more::More,
        table::{Column, row, state, table},
        time::When,
    },
    format,
    order::Order,
    remote::Remote,
    toasts::Toasts,
};

/// How often the progress of a redrive is looked at.
const STEP: Duration = Duration::from_secs(1);

/// The page.
#[component]
pub(crate) fn RedrivesPage() -> impl IntoView {
    let (api, here) = (Api::here(), Here::get());
    let pages = RwSignal::new(1);
    let redrives = Remote::new(
        move || (here.project.get(), here.name.get(), pages.get()),
        move |(project, name, pages)| api.list_redrives(&project, &name, pages),
    );
    redrives.every(STEP);
    let running = Memo::new(move |_| {
        let running = |page: Page<Redrive>| page.items.into_iter().find(|one| one.state == RedriveState::Running);
        redrives.get().and_then(running)
    });
    let idle = Memo::new(move |_| redrives.get().is_some() && running.with(Option::is_none));
    let progress = move || running.get().map(|redrive| view! { <Progress here redrive redrives /> });
    let form = move || (idle.get() && here.may(Action::QueueOperate)).then(|| view! { <NewRedrive here redrives /> });
    view! {
        <h2 class="hidden">"Redrives"</h2>
        {progress}
        {form}
        {redrives.view("redrives", move |page| {
            if page.items.is_empty() {
                view! { <p class="muted">"Nothing was moved out of this queue yet."</p> }.into_any()
            } else {
                view! { <RedriveTable page pages /> }.into_any()
            }
        })}
    }
}

/// The one that runs: how far it is, and the way to stop it.
#[component]
fn Progress(here: Here, redrive: Redrive, redrives: Remote<Page<Redrive>>) -> impl IntoView {
    let (api, toasts) = (Api::here(), expect_context::<Toasts>());
    let order = Order::new();
    let id = redrive.id.clone();
    let stop = move |_| {
        let ((project, name), id) = (here.names(), id.clone());
        order.run(api.stop_redrive(&project, &name, &id), move |stopped| {
            redrives.reload();
            toasts.say(format!("Stopped after {}.", format::count_of(stopped.moved, "message")));
        });
    };
    let done = redrive.moved + redrive.skipped;
    let command = format!(
        "dormouse queue redrive {} --stop {} --project {}",
        here.name.get_untracked(),
        redrive.id,
        here.project.get_untracked()
    );
    let stop = here.may(Action::QueueOperate).then(|| {
        view! { <button type="button" class="button danger" disabled=move || order.is_busy() on:click=stop>"Stop"</button> }
    });
    view! {
        <section class="panel" aria-label="Redrive under way">
            <div class="section-head">
                <h3>"Moving messages " {target(&redrive)}</h3>
                <span class="grow"></span>
                {stop}
            </div>
            <progress max=redrive.total.to_string() value=done.to_string() aria-label="Messages moved"></progress>
            <p role="status">
                <span class="number">{format::grouped(redrive.moved)}</span> " of "
                <span class="number">{format::grouped(redrive.total)}</span> " moved, "
                <span class="number">{format::grouped(redrive.skipped)}</span> " left where they are, at most "
                <span class="number">{redrive.rate_per_s}</span> " in a second."
            </p>
            <OrderError order />
            <SameAsCli command />
        </section>
    }
}

/// The form that begins one.
#[component]
fn NewRedrive(here: Here, redrives: Remote<Page<Redrive>>) -> impl IntoView {
    let (api, toasts) = (Api::here(), expect_context::<Toasts>());
    let (to, per_second) = (RwSignal::new(String::new()), RwSignal::new("100".to_owned()));
    let order = Order::new();
    let queues = Remote::new(
        move || here.project.get(),
        move |project| async move { api.list_queues(&project, 4).await.map(|page| page.items) },
    );
    let targets = Signal::derive(move || {
        let name = here.name.get();
        let others = queues.get().unwrap_or_default().into_iter().filter(move |queue| queue.name != name);
        let others = others.map(|Queue { name, .. }| (name.clone(), format!("to {name}")));
        std::iter::once((String::new(), "back to where each came from".to_owned())).chain(others).collect::<Vec<_>>()
    });
    let rate =
        move || per_second.with(|text| text.trim().parse::<u32>().ok().filter(|rate| (1..=1_000).contains(rate)));
    let wrong = Signal::derive(move || {
        rate().is_none().then(|| "is not 1 to 1,000".to_owned()).or_else(|| order.field_error("rate_per_s"))
    });
    let depth = Memo::new(move |_| here.found.get().map_or(0, |queue| queue.depth.messages));
    let action = Signal::derive(move || format!("Move {}", format::count_of(depth.get(), "message")));
    let disabled = move || wrong.with(Option::is_some) || depth.get() == 0;
    let command = Signal::derive(move || {
        let to = match to.get() {
            to if to.is_empty() => String::new(),
            to => format!(" --to {to}"),
        };
        let (name, project) = (here.name.get(), here.project.get());
        format!("dormouse queue redrive {name}{to} --rate {} --project {project}", per_second.get())
    });
    let on_submit = move || {
        let body =
            CreateRedrive { target: Some(to.get_untracked()).filter(|to| !to.is_empty()), rate_per_s: untrack(rate) };
        let (project, name) = here.names();
        order.run(api.redrive(&project, &name, &body), move |redrive| {
            redrives.reload();
            toasts.say(format!("{} are on their way.", format::count_of(redrive.total, "message")));
        });
    };
    view! {
        <section class="panel">
            <OrderForm order action on_submit disabled wide=true command>
                <h3>"Move messages"</h3>
                <p class="muted">
                    "Each keeps its id, when it was first sent, its tries and its errors. Those in flight stay. It goes on in the background, and can be stopped."
                </p>
                <div class="pair">
                    <Choice label="Where to" value=to options=targets />
                    <TextField label="At most in a second" value=per_second kind="number" error=wrong />
                </div>
            </OrderForm>
        </section>
    }
}

const COLUMNS: &[Column] = &[
    Column::text("Where to"),
    Column::text("State"),
    Column::figure("Moved"),
    Column::figure("Left"),
    Column::text("Began"),
];

/// All of them, newest first.
#[component]
fn RedriveTable(page: Page<Redrive>, pages: RwSignal<u32>) -> impl IntoView {
    let more = page.next_cursor.is_some();
    let rows = page.items.into_iter().map(|redrive| {
        let became = match redrive.state {
            RedriveState::Running => state("state waiting", Glyph::Wait, "under way"),
            RedriveState::Stopped => state("state failed", Glyph::Close, "stopped"),
            RedriveState::Done => state("state ok", Glyph::Check, "done"),
        };
        let (to, by) = (target(&redrive), format!(" by {}", redrive.created_by));
        row(
            COLUMNS,
            vec![
                view! { {to} <span class="second"><code>{redrive.id}</code></span> }.into_any(),
                became,
                format!("{} of {}", format::grouped(redrive.moved), format::grouped(redrive.total)).into_any(),
                format::grouped(redrive.skipped).into_any(),
                view! { <When at=redrive.created_at_us /> <span class="muted">{by}</span> }.into_any(),
            ],
        )
    });
    let rows = rows.collect();
    view! { {table(COLUMNS, rows)} <More there_is=more pages /> }
}

/// Where a redrive's messages go, in words.
fn target(redrive: &Redrive) -> String {
    match &redrive.target {
        Some(queue) => format!("to {queue}"),
        None => "back to where they came from".to_owned(),
    }
}

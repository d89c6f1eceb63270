//! A function's triggers: what calls it.

use leptos::prelude::*;
use leptos_router::components::A;
use wire::{Action, Deployment, Trigger};

use super::{Here, trigger_editor::TriggerEditor};
use crate::{
    components::{
        cli::SameAsCli,
        copy::CopyButton,
        icon::{Glyph, Icon},
        table::{Column, row, second, table},
    },
    format, place,
};

/// The page.
#[component]
pub(crate) fn TriggersPage() -> impl IntoView {
    let here = Here::get();
    let editing = RwSignal::new(false);
    // While the triggers are edited they are not drawn anew when the function is loaded again.
    let shown = Memo::new(move |old: Option<&Option<Option<Deployment>>>| match old {
        Some(old) if editing.get() => old.clone(),
        _ => here.found.get().map(|function| function.live),
    });
    let body = move || {
        match shown.get() {
        Some(Some(live)) if editing.get() => view! { <TriggerEditor here live editing /> }.into_any(),
        Some(Some(live)) => view! { <TriggerTable here live editing /> }.into_any(),
        Some(None) => view! {
            <p class="muted">"Triggers come with a deployment. Deploy a version, and it gets an HTTP trigger for everything below its name."</p>
        }
        .into_any(),
        None => here.found.view("triggers", |_| ()).into_any(),
    }
    };
    view! {
        <h2 class="hidden">"Triggers"</h2>
        {body}
    }
}

/// The triggers of the live deployment.
#[component]
fn TriggerTable(here: Here, live: Deployment, editing: RwSignal<bool>) -> impl IntoView {
    let mut urls = live.urls.into_iter();
    let rows: Vec<_> = live
        .triggers
        .into_iter()
        .map(|trigger| {
            // Addresses come one for each HTTP trigger, in their order.
            let url = trigger.as_http().and_then(|_| urls.next()).unwrap_or_default();
            trigger_row(here, trigger, url)
        })
        .collect();
    let edit = here.may(Action::DeploymentCreate).then(|| {
        view! { <button type="button" class="button" on:click=move |_| editing.set(true)>"Change triggers"</button> }
    });
    let command = Signal::derive(move || {
        format!("dormouse deploy --plan --function {} --project {}", here.name.get(), here.project.get())
    });
    let list = if rows.is_empty() {
        view! {
            <p class="muted">"Nothing calls this function by itself. It can be called by name: from another function, the API or the command line."</p>
        }
        .into_any()
    } else {
        table(COLUMNS, rows)
    };
    view! {
        {list}
        <div class="actions">{edit}</div>
        <p class="muted">"The same in dormouse.toml, whose set of triggers is deployed as a whole:"</p>
        <SameAsCli command />
    }
}

const COLUMNS: &[Column] = &[Column::code("Source"), Column::text("Kind"), Column::text("How"), Column::actions()];

/// One trigger: what it listens to, and the way there.
fn trigger_row(here: Here, trigger: Trigger, url: String) -> AnyView {
    let (project, function) = here.names();
    let go = |href: String, label: &'static str| view! { <A href attr:class="button small">{label}</A> }.into_any();
    let cells = match trigger {
        Trigger::Http(http) => {
            let methods = if http.methods.is_empty() { "all methods".to_owned() } else { http.methods.join(", ") };
            let open = format::callable(&url).map(|open| {
                view! { <a class="button small" href=open target="_blank" rel="noreferrer">"Open" <Icon glyph=Glyph::Out /></a> }
            });
            let address =
                view! { <span class="second mono">{url.clone()} <CopyButton text=url what="the address" /></span> };
            vec![
                http.path.as_str().to_owned().into_any(),
                "HTTP".into_any(),
                view! { {methods} {address} }.into_any(),
                open.into_any(),
            ]
        }
        Trigger::Queue(queue) => {
            let how = format!(
                "batches of up to {}, {} at once, {} tries",
                queue.batch_size, queue.max_concurrency, queue.max_receives
            );
            let letters = queue.dead_letters().map(|name| format!("dead letters to {name}")).unwrap_or_default();
            vec![
                queue.queue.to_string().into_any(),
                "Queue".into_any(),
                view! { {how} {second(letters)} }.into_any(),
                go(place::queue(&project, queue.queue.as_str(), ""), "Queue"),
            ]
        }
        Trigger::WebSocket(websocket) => vec![
            websocket.path.as_str().to_owned().into_any(),
            "WebSocket".into_any(),
            Trigger::WebSocket(websocket).in_words().into_any(),
            go(place::connections(&project, &function), "Connections"),
        ],
        Trigger::Cron(cron) => {
            let time = format::duration(u64::from(cron.timeout_ms) * 1_000);
            let tries = format!("tried again up to {} times, each run up to {time}", cron.retries);
            vec![
                cron.name.to_string().into_any(),
                "Schedule".into_any(),
                view! { <code>{cron.schedule}</code> " in " {cron.timezone} {second(tries)} }.into_any(),
                go(place::schedule(&project, &function, cron.name.as_str()), "Ledger"),
            ]
        }
    };
    row(COLUMNS, cells)
}

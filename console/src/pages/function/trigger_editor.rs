//! Changing a function's triggers, which is a deployment of the same versions.

mod cron;
mod http;
mod queue;

use leptos::prelude::*;
use wire::{CreateDeployment, Deployment, Trigger};

use self::{
    cron::{CronFields, CronRow},
    http::{HttpFields, HttpRow},
    queue::{QueueFields, QueueRow},
};
use super::Here;
use crate::{
    api::Api,
    components::{
        field::TextField,
        form::OrderForm,
        icon::{Glyph, Icon},
    },
    order::Order,
    remote::Beat,
    toasts::Toasts,
};

/// One trigger while it is edited.
#[derive(Clone, Copy)]
struct Row {
    id: usize,
    kind: Kind,
}

/// What a trigger listens to.
#[derive(Clone, Copy)]
enum Kind {
    Http(HttpRow),
    Queue(QueueRow),
    Cron(CronRow),
    /// Kept as it is: its fields are written in dormouse.toml.
    Kept(KeptRow),
}

/// A trigger that stays as it is, or goes.
#[derive(Clone, Copy)]
struct KeptRow {
    trigger: StoredValue<Trigger>,
    wrong: RwSignal<Option<String>>,
}

impl Kind {
    fn of(trigger: &Trigger) -> Self {
        match trigger {
            Trigger::Http(http) => Self::Http(HttpRow::of(Some(http))),
            Trigger::Queue(queue) => Self::Queue(QueueRow::of(Some(queue))),
            Trigger::Cron(cron) => Self::Cron(CronRow::of(Some(cron))),
            Trigger::WebSocket(_) => {
                Self::Kept(KeptRow { trigger: StoredValue::new(trigger.clone()), wrong: RwSignal::new(None) })
            }
        }
    }

    /// The trigger, where all of it can be read; else notes what is wrong with it.
    fn trigger(self) -> Option<Trigger> {
        let (read, wrong) = match self {
            Self::Http(row) => (row.read(), row.wrong),
            Self::Queue(row) => (row.read(), row.wrong),
            Self::Cron(row) => (row.read(), row.wrong),
            Self::Kept(row) => (Ok(row.trigger.get_value()), row.wrong),
        };
        let checked = read.and_then(|trigger| trigger.check().map(|()| trigger).map_err(|invalid| invalid.to_string()));
        wrong.set(checked.as_ref().err().cloned());
        checked.ok()
    }
}

/// The whole number that was typed.
fn whole(label: &str, typed: RwSignal<String>) -> Result<u32, String> {
    typed.with_untracked(|typed| typed.trim().parse()).map_err(|_| format!("{label}: write a whole number"))
}

/// The form. Nothing changes before its button is pressed.
#[component]
pub(super) fn TriggerEditor(
    /// The function.
    here: Here,
    /// The deployment whose versions stay.
    live: Deployment,
    /// Set to false when the form is done.
    editing: RwSignal<bool>,
) -> impl IntoView {
    let (api, beat, toasts) = (Api::here(), expect_context::<Beat>(), expect_context::<Toasts>());
    let first = live.triggers.iter().enumerate().map(|(id, trigger)| Row { id, kind: Kind::of(trigger) });
    let first: Vec<Row> = first.collect();
    let next = StoredValue::new(first.len());
    let rows = RwSignal::new(first);
    let message = RwSignal::new(String::new());
    let order = Order::new();
    let add = move |kind: Kind| {
        let id = next.get_value();
        next.set_value(id + 1);
        rows.update(|rows| rows.push(Row { id, kind }));
    };
    let on_submit = move || {
        let all = rows.get_untracked();
        let triggers: Vec<Trigger> = all.iter().filter_map(|row| row.kind.trigger()).collect();
        if triggers.len() < all.len() {
            return;
        }
        let body = CreateDeployment {
            versions: live.versions.clone(),
            triggers: Some(triggers),
            split_key: live.split_key.clone(),
            message: message.get_untracked(),
            expected_live: Some(live.number),
        };
        let (project, name) = here.names();
        order.run(api.deploy(&project, &name, &body), move |_| {
            editing.set(false);
            beat.now();
            toasts.say("The new triggers are live.");
        });
    };
    let cancel = view! { <button type="button" class="button" on:click=move |_| editing.set(false)>"Cancel"</button> };
    let button = move |label: &'static str, make: fn() -> Kind| {
        view! {
            <button type="button" class="button small" on:click=move |_| add(make())><Icon glyph=Glyph::Plus /> {label}</button>
        }
    };
    view! {
        <OrderForm order action="Deploy these triggers" on_submit wide=true beside=cancel.into_any()>
            <For each=move || rows.get() key=|row| row.id let:row>
                <TriggerPanel here row rows />
            </For>
            <div class="actions">
                {button("HTTP requests", || Kind::Http(HttpRow::of(None)))}
                {button("Messages of a queue", || Kind::Queue(QueueRow::of(None)))}
                {button("A schedule", || Kind::Cron(CronRow::of(None)))}
            </div>
            <TextField label="Message" value=message hint="Why. May stay empty." />
        </OrderForm>
    }
}

/// One trigger's fields, with the way to remove it.
#[component]
fn TriggerPanel(here: Here, row: Row, rows: RwSignal<Vec<Row>>) -> impl IntoView {
    let (legend, fields, wrong) = match row.kind {
        Kind::Http(row) => ("HTTP requests", view! { <HttpFields row /> }.into_any(), row.wrong),
        Kind::Queue(row) => ("Messages of a queue", view! { <QueueFields here row /> }.into_any(), row.wrong),
        Kind::Cron(row) => ("A schedule", view! { <CronFields here row /> }.into_any(), row.wrong),
        Kind::Kept(row) => ("WebSockets", row.trigger.with_value(|trigger| trigger.in_words()).into_any(), row.wrong),
    };
    view! {
        <fieldset class="panel trigger-panel">
            <legend>{legend}</legend>
            {fields}
            {move || wrong.get().map(|text| view! { <p class="note failed" role="alert">{text}</p> })}
            <div class="actions">
                <button
                    type="button"
                    class="button small"
                    on:click=move |_| rows.update(|rows| rows.retain(|other| other.id != row.id))
                >
                    "Remove this trigger"
                </button>
            </div>
        </fieldset>
    }
}

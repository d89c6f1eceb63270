//! Changing a function's triggers, which is a deployment of the same versions.

use leptos::{ev::SubmitEvent, prelude::*};
use wire::{CreateDeployment, Deployment, HttpTrigger, Trigger};

use super::Here;
use crate::{
    api::Api,
    components::{
        error::OrderError,
        field::TextField,
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
    path: RwSignal<String>,
    methods: RwSignal<String>,
    host: RwSignal<String>,
    wrong: RwSignal<Option<String>>,
}

impl Row {
    fn of(id: usize, http: &HttpTrigger) -> Self {
        Self {
            id,
            path: RwSignal::new(http.path.as_str().to_owned()),
            methods: RwSignal::new(http.methods.join(", ")),
            host: RwSignal::new(http.host.clone().unwrap_or_default()),
            wrong: RwSignal::new(None),
        }
    }

    fn empty(id: usize) -> Self {
        let text = || RwSignal::new(String::new());
        Self { id, path: text(), methods: text(), host: text(), wrong: RwSignal::new(None) }
    }

    /// The trigger, where its path can be read; else notes what is wrong with it.
    fn trigger(self) -> Option<Trigger> {
        let methods = self.methods.get_untracked();
        let methods = methods.split([',', ' ']).filter(|method| !method.is_empty()).map(str::to_uppercase).collect();
        let host = Some(self.host.get_untracked().trim().to_owned()).filter(|host| !host.is_empty());
        match self.path.get_untracked().trim().parse() {
            Ok(path) => {
                self.wrong.set(None);
                Some(Trigger::Http(HttpTrigger { path, methods, host }))
            }
            Err(invalid) => {
                self.wrong.set(Some(format!("{invalid}")));
                None
            }
        }
    }
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
    let (https, others): (Vec<_>, Vec<_>) = live.triggers.into_iter().partition(|trigger| trigger.as_http().is_some());
    let others = StoredValue::new(others);
    let https = https.iter().filter_map(Trigger::as_http);
    let first: Vec<Row> = https.enumerate().map(|(id, http)| Row::of(id, http)).collect();
    let next = StoredValue::new(first.len());
    let rows = RwSignal::new(first);
    let message = RwSignal::new(String::new());
    let order = Order::new();
    let add = move |_| {
        let id = next.get_value();
        next.set_value(id + 1);
        rows.update(|rows| rows.push(Row::empty(id)));
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let all = rows.get_untracked();
        let mut triggers: Vec<Trigger> = all.iter().filter_map(|row| row.trigger()).collect();
        if triggers.len() < all.len() {
            return;
        }
        triggers.extend(others.get_value());
        let body = CreateDeployment {
            versions: live.versions.clone(),
            triggers: Some(triggers),
            split_key: live.split_key.clone(),
            message: message.get_untracked(),
            expected_live: Some(live.number),
        };
        let (project, name) = here.names();
        order.run(async move { api.deploy(&project, &name, &body).await }, move |_| {
            editing.set(false);
            beat.now();
            toasts.say("The new triggers are live.");
        });
    };
    view! {
        <form class="form wide" on:submit=on_submit>
            <p class="muted">
                "A path such as " <code>"/users/{id}"</code> " or " <code>"/files/{*rest}"</code>
                ". No methods stand for all of them; no host for the project's own."
            </p>
            <For each=move || rows.get() key=|row| row.id let:row>
                <fieldset class="trigger-row">
                    <legend class="hidden">"Trigger"</legend>
                    <TextField label="Path" value=row.path required=true mono=true maxlength=512 error=Signal::derive(move || row.wrong.get()) />
                    <TextField label="Methods" value=row.methods mono=true />
                    <TextField label="Host" value=row.host mono=true maxlength=253 />
                    <button
                        type="button"
                        class="icon-button"
                        aria-label="Remove this trigger"
                        title="Remove this trigger"
                        on:click=move |_| rows.update(|rows| rows.retain(|other| other.id != row.id))
                    >
                        <Icon glyph=Glyph::Close />
                    </button>
                </fieldset>
            </For>
            <div class="actions">
                <button type="button" class="button small" on:click=add><Icon glyph=Glyph::Plus /> "Add a trigger"</button>
            </div>
            <TextField label="Message" value=message hint="Why. May stay empty." />
            <OrderError order />
            <div class="actions">
                <button type="submit" class="button primary" disabled=move || order.is_busy()>"Deploy these triggers"</button>
                <button type="button" class="button" on:click=move |_| editing.set(false)>"Cancel"</button>
            </div>
        </form>
    }
}

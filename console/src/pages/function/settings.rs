//! A function's description, and its end.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wire::{Action, Function};

use super::Here;
use crate::{
    api::Api,
    components::{
        dialog::Dialog,
        field::{TextArea, TextField},
        form::OrderForm,
        time::WhenInFull,
    },
    order::Order,
    place,
    remote::Beat,
    toasts::Toasts,
};

/// The page.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    let here = Here::get();
    let deleting = RwSignal::new(false);
    let may_delete = here.may(Action::FunctionDelete);
    view! {
        {here.found.view("the function", move |function| view! { <Description here function /> })}
        {may_delete.then(|| view! {
            <section class="panel danger">
                <h2>"Delete"</h2>
                <p>"Deletes the function with all of its versions and deployments. Requests to its addresses fail from then on. This cannot be undone."</p>
                <div class="actions">
                    <button type="button" class="button danger" on:click=move |_| deleting.set(true)>"Delete the function"</button>
                </div>
            </section>
        })}
        <Show when=move || deleting.get()>
            <DeleteDialog here on_close=move || deleting.set(false) />
        </Show>
    }
}

/// What the function is for, and since when it exists.
#[component]
fn Description(here: Here, function: Function) -> impl IntoView {
    let (api, toasts) = (Api::here(), expect_context::<Toasts>());
    let text = RwSignal::new(function.description.clone());
    let order = Order::new();
    let may = here.may(Action::FunctionUpdate);
    let on_submit = move || {
        let (project, name) = here.names();
        let description = text.get_untracked();
        order.run(api.update_function(&project, &name, description), move |_| {
            here.found.reload();
            toasts.say("The description is saved.");
        });
    };
    view! {
        <section class="panel">
            <h2>"Description"</h2>
            <OrderForm order action="Save" on_submit look="button" disabled=!may>
                <TextArea
                    label="What it is for"
                    value=text
                    hint="A sentence that others find helpful: at most 500 bytes."
                    error=Signal::derive(move || order.field_error("description"))
                    maxlength=500
                />
            </OrderForm>
            <p class="muted">"Created " <WhenInFull at=function.created_at_us /> " · id " <code>{function.id}</code></p>
        </section>
    }
}

/// Deletes the function once its name was typed.
#[component]
fn DeleteDialog(here: Here, on_close: impl Fn() + Clone + Send + Sync + 'static) -> impl IntoView {
    let (api, beat, toasts) = (Api::here(), expect_context::<Beat>(), expect_context::<Toasts>());
    let typed = RwSignal::new(String::new());
    let order = Order::new();
    let navigate = use_navigate();
    let matches = move || typed.get().trim() == here.name.get();
    let on_submit = move || {
        if !untrack(matches) {
            return;
        }
        let (project, name) = here.names();
        let (to, text) = (place::functions(&project), format!("{name} is deleted."));
        let navigate = navigate.clone();
        order.run(api.delete_function(&project, &name), move |()| {
            navigate(&to, Default::default());
            beat.now();
            toasts.say(text);
        });
    };
    view! {
        <Dialog title=Signal::derive(move || format!("Delete {}", here.name.get())) on_close>
            <OrderForm order action="Delete for good" on_submit look="button danger" disabled=move || !matches()>
                <p>"Type " <strong>{here.name}</strong> " to confirm. Its versions and deployments go with it."</p>
                <TextField label="Name" value=typed mono=true autofocus=true />
            </OrderForm>
        </Dialog>
    }
}

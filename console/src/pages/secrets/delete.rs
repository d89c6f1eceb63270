//! The dialog that deletes a secret.

use leptos::prelude::*;

use crate::{
    api::Api,
    components::{dialog::Dialog, field::TextField, form::OrderForm},
    order::Order,
    toasts::Toasts,
};

/// Asks for the secret's name before it goes.
#[component]
pub(super) fn DeleteDialog(
    /// The project's name.
    project: String,
    /// The secret.
    name: String,
    /// Called when it is gone.
    done: impl Fn() + Clone + Send + Sync + 'static,
    /// Called when the dialog is closed.
    on_close: impl Fn() + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let (api, toasts) = (Api::here(), expect_context::<Toasts>());
    let typed = RwSignal::new(String::new());
    let order = Order::new();
    let command = format!("dormouse secrets delete {name} --project {project}");
    let title = format!("Delete {name}");
    let hint = format!("Type {name}: what is deleted cannot be had back.");
    let other = {
        let name = name.clone();
        move || typed.with(|typed| *typed != name)
    };
    let close = on_close.clone();
    let on_submit = move || {
        let (project, name, done, close) = (project.clone(), name.clone(), done.clone(), close.clone());
        order.run(api.delete_secret(&project, &name), move |()| {
            close();
            done();
            toasts.say("The secret is deleted.");
        });
    };
    view! {
        <Dialog title on_close>
            <OrderForm order action="Delete" on_submit look="button danger" disabled=other command>
                <p>
                    "All of its versions go, and a rollback to a deployment that reads one of them is refused. While a live function reads it, it stays."
                </p>
                <TextField label="The secret's name" value=typed required=true mono=true autofocus=true maxlength=128 hint />
            </OrderForm>
        </Dialog>
    }
}

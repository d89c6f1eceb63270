//! The dialog that closes a connection.

use leptos::prelude::*;

use crate::{
    api::Api,
    components::{cli::quoted, dialog::Dialog, field::TextField, form::OrderForm},
    order::Order,
    toasts::Toasts,
};

/// Asks for the code and the reason that the client is told.
#[component]
pub(super) fn CloseDialog(
    /// The project's name.
    project: String,
    /// The connection's id.
    id: String,
    /// Called when the dialog is closed.
    on_close: impl Fn() + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let (api, toasts) = (Api::here(), expect_context::<Toasts>());
    let (code, reason) = (RwSignal::new("1000".to_owned()), RwSignal::new(String::new()));
    let order = Order::new();
    let (of, named) = (project.clone(), id.clone());
    let command = Signal::derive(move || {
        let reason = reason.get();
        let reason = if reason.is_empty() { String::new() } else { format!(" --reason {}", quoted(&reason)) };
        format!("dormouse connections close {named} --code {}{reason} --project {of}", code.get())
    });
    let close = on_close.clone();
    let on_submit = move || {
        let close = close.clone();
        let closed = api.close_connection(&project, &id, code.get_untracked().trim(), &reason.get_untracked());
        order.run(closed, move |()| {
            close();
            toasts.say("The connection is being closed.");
        });
    };
    view! {
        <Dialog title="Close the connection" on_close>
            <OrderForm order action="Close the connection" on_submit look="button danger" command>
                <TextField
                    label="Code"
                    value=code
                    required=true
                    mono=true
                    autofocus=true
                    maxlength=4
                    hint="1000, or 3000 to 4999."
                    error=Signal::derive(move || order.field_error("code"))
                />
                <TextField label="Reason" value=reason maxlength=123 hint="The client is told it. May stay empty." />
            </OrderForm>
        </Dialog>
    }
}

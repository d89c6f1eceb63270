//! The dialog that writes a secret's value.

use leptos::prelude::*;
use wire::SecretName;

use crate::{
    api::Api,
    components::{
        dialog::Dialog,
        field::{TextArea, TextField},
        form::OrderForm,
    },
    order::Order,
    toasts::Toasts,
};

/// The dialog.
#[component]
pub(super) fn WriteDialog(
    /// The project's name.
    project: String,
    /// The secret, where it is there already.
    name: Option<String>,
    /// Called when the value is written.
    done: impl Fn() + Clone + Send + Sync + 'static,
    /// Called when it is closed.
    on_close: impl Fn() + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let (api, toasts) = (Api::here(), expect_context::<Toasts>());
    let known = name.is_some();
    let (name, value) = (RwSignal::new(name.unwrap_or_default()), RwSignal::new(String::new()));
    let order = Order::new();
    let title = if known { format!("New value of {}", name.get_untracked()) } else { "New secret".to_owned() };
    let at = project.clone();
    let command = Signal::derive(move || {
        let name = name.get();
        let name = if name.is_empty() { "API_KEY" } else { name.as_str() };
        format!("printf %s \"$VALUE\" | dormouse secrets set {name} --project {at}")
    });
    let wrong = Memo::new(move |_| {
        let name = name.get();
        let checked = name.trim().parse::<SecretName>();
        checked.err().filter(|_| !name.is_empty()).map(|invalid| invalid.to_string())
    });
    let disabled = move || wrong.with(Option::is_some) || value.with(String::is_empty);
    let close = on_close.clone();
    let on_submit = move || {
        let (project, close, done) = (project.clone(), close.clone(), done.clone());
        let (secret, text) = (name.get_untracked().trim().to_owned(), value.get_untracked());
        let told = secret.clone();
        order.run(api.set_secret(&project, &secret, text), move |version| {
            value.set(String::new());
            close();
            done();
            toasts.say(format!("{told} has version {}. Deployments from now on read it.", version.version));
        });
    };
    view! {
        <Dialog title on_close>
            <OrderForm order action="Write" on_submit disabled command attr:autocomplete="off">
                <TextField
                    label="Name"
                    value=name
                    required=true
                    mono=true
                    autofocus=!known
                    readonly=known
                    maxlength=128
                    hint="1 to 128 of A-Z, a-z, 0-9 and _, no digit first."
                    error=wrong
                />
                <TextArea
                    label="Value"
                    value=value
                    mono=true
                    rows=4
                    hint="1 byte to 64 KiB, kept as it is typed. It cannot be read again."
                    error=Signal::derive(move || order.field_error("value"))
                />
            </OrderForm>
        </Dialog>
    }
}

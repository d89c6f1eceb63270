//! The dialog that creates a queue.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wire::CreateQueue;

use crate::{
    api::Api,
    components::{
        dialog::Dialog,
        field::{Choice, TextField},
        form::OrderForm,
    },
    order::Order,
    place,
    remote::Remote,
    toasts::Toasts,
};

/// How long a queue may keep messages: seconds, and in words.
pub(super) const RETENTIONS: &[(u32, &str)] =
    &[(3_600, "an hour"), (86_400, "a day"), (345_600, "4 days"), (604_800, "7 days"), (1_209_600, "14 days")];

/// The dialog.
#[component]
pub(crate) fn NewQueueDialog(
    /// The project's name.
    project: String,
    /// Called when it is closed.
    on_close: impl Fn() + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let (api, toasts, navigate) = (Api::here(), expect_context::<Toasts>(), use_navigate());
    let (name, letters) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let retention = RwSignal::new("1209600".to_owned());
    let order = Order::new();
    let of = project.clone();
    let queues = Remote::new(
        move || of.clone(),
        move |project| async move { api.list_queues(&project, 4).await.map(|page| page.items) },
    );
    let others = Signal::derive(move || {
        let names = queues.get().unwrap_or_default().into_iter().map(|queue| (queue.name.clone(), queue.name));
        std::iter::once((String::new(), "none, or as the trigger says".to_owned())).chain(names).collect::<Vec<_>>()
    });
    let retentions: Vec<(String, String)> =
        RETENTIONS.iter().map(|(seconds, words)| (seconds.to_string(), (*words).to_owned())).collect();
    let at = project.clone();
    let command = Signal::derive(move || {
        let name = name.get();
        let name = if name.is_empty() { "orders" } else { name.as_str() };
        let letters = match letters.get() {
            letters if letters.is_empty() => String::new(),
            letters => format!(" --dead-letter-queue {letters}"),
        };
        format!("dormouse queue create {name} --retention {}s{letters} --project {at}", retention.get())
    });
    let close = on_close.clone();
    let on_submit = move || {
        let body = CreateQueue {
            name: name.get_untracked().trim().to_owned(),
            retention_s: retention.get_untracked().parse().ok(),
            dead_letter_queue: Some(letters.get_untracked()).filter(|letters| !letters.is_empty()),
        };
        let (project, to, close, navigate) = (project.clone(), project.clone(), close.clone(), navigate.clone());
        order.run(api.create_queue(&project, &body), move |queue| {
            close();
            toasts.say(format!("The queue {} is there.", queue.name));
            navigate(&place::queue(&to, &queue.name, ""), Default::default());
        });
    };
    view! {
        <Dialog title="New queue" on_close>
            <OrderForm order action="Create" on_submit command>
                <TextField
                    label="Name"
                    value=name
                    required=true
                    mono=true
                    autofocus=true
                    maxlength=48
                    hint="1 to 48 of a-z, 0-9 and -, the first a letter."
                    error=Signal::derive(move || order.field_error("name"))
                />
                <Choice label="Keeps messages for" value=retention options=retentions />
                <Choice label="Dead-letter queue" value=letters options=others />
            </OrderForm>
        </Dialog>
    }
}

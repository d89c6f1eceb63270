//! A queue's settings, emptying it, and its end.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wire::{Action, Queue, UpdateQueue};

use super::{new_queue::RETENTIONS, queue::Here};
use crate::{
    api::Api,
    components::{
        dialog::Dialog,
        field::{Choice, TextField},
        form::OrderForm,
    },
    format,
    order::Order,
    place,
    remote::Remote,
    toasts::Toasts,
};

/// What is asked for with the queue's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Purge,
    Delete,
}

/// The page.
#[component]
pub(crate) fn QueueSettingsPage() -> impl IntoView {
    let here = Here::get();
    let asked = RwSignal::new(None::<End>);
    // What is being changed is not drawn anew when the queue is loaded again.
    let first = Memo::new(move |old: Option<&Option<Queue>>| match old {
        Some(Some(old)) if *old.name == here.name.get() => Some(old.clone()),
        _ => here.found.get(),
    });
    let form = move || match first.get() {
        Some(queue) => view! { <SettingsForm here queue /> }.into_any(),
        None => here.found.view("the queue", |_| ()).into_any(),
    };
    let (may_purge, may_delete) = (here.may(Action::QueueOperate), here.may(Action::QueueManage));
    let purge = may_purge.then(|| {
        view! {
            <p>"Deletes every message that the queue holds now. None of them can be had back."</p>
            <div class="actions">
                <button type="button" class="button danger" on:click=move |_| asked.set(Some(End::Purge))>"Empty the queue"</button>
            </div>
        }
    });
    let delete = may_delete.then(|| {
        view! {
            <p>"Deletes the queue with its messages. Functions that send to it are told that it is missing."</p>
            <div class="actions">
                <button type="button" class="button danger" on:click=move |_| asked.set(Some(End::Delete))>"Delete the queue"</button>
            </div>
        }
    });
    view! {
        <h2 class="hidden">"Settings"</h2>
        {form}
        {(may_purge || may_delete).then(|| view! { <section class="panel danger"><h3>"Danger"</h3>{purge}{delete}</section> })}
        {move || asked.get().map(|end| view! { <EndDialog here end on_close=move || asked.set(None) /> })}
    }
}

/// Retention and dead-letter queue.
#[component]
fn SettingsForm(here: Here, queue: Queue) -> impl IntoView {
    let (api, toasts) = (Api::here(), expect_context::<Toasts>());
    let may = here.may(Action::QueueManage);
    let retention = RwSignal::new(queue.retention_s.to_string());
    let letters = RwSignal::new(queue.dead_letter_queue.clone().unwrap_or_default());
    let order = Order::new();
    let mut spans: Vec<(u32, String)> =
        RETENTIONS.iter().map(|(seconds, words)| (*seconds, (*words).to_owned())).collect();
    if !spans.iter().any(|(seconds, _)| *seconds == queue.retention_s) {
        let place = spans.iter().take_while(|(seconds, _)| *seconds < queue.retention_s).count();
        spans.insert(place, (queue.retention_s, format::span(queue.retention_s.into())));
    }
    let spans: Vec<(String, String)> = spans.into_iter().map(|(seconds, words)| (seconds.to_string(), words)).collect();
    let queues = Remote::new(
        move || here.project.get(),
        move |project| async move { api.list_queues(&project, 4).await.map(|page| page.items) },
    );
    let others = Signal::derive(move || {
        let name = here.name.get();
        let names =
            queues.get().unwrap_or_default().into_iter().map(|queue| queue.name).filter(move |other| *other != name);
        let names = names.map(|name| (name.clone(), name));
        std::iter::once((String::new(), "none, or as the trigger says".to_owned())).chain(names).collect::<Vec<_>>()
    });
    let on_submit = move || {
        let body = UpdateQueue {
            retention_s: retention.get_untracked().parse().ok(),
            dead_letter_queue: Some(letters.get_untracked()),
        };
        let (project, name) = here.names();
        order.run(api.update_queue(&project, &name, &body), move |_| {
            here.found.reload();
            toasts.say("The settings are saved.");
        });
    };
    view! {
        <OrderForm order action="Save" on_submit disabled=!may>
            <Choice label="Keeps messages for" value=retention options=spans />
            <Choice label="Dead-letter queue" value=letters options=others />
        </OrderForm>
    }
}

/// Asks for the queue's name before messages are lost.
#[component]
fn EndDialog(here: Here, end: End, on_close: impl Fn() + Clone + Send + Sync + 'static) -> impl IntoView {
    let (api, toasts, navigate) = (Api::here(), expect_context::<Toasts>(), use_navigate());
    let typed = RwSignal::new(String::new());
    let order = Order::new();
    let (project, name) = here.names();
    let (title, action) = match end {
        End::Purge => (format!("Empty {name}"), "Empty the queue"),
        End::Delete => (format!("Delete {name}"), "Delete the queue"),
    };
    let command = match end {
        End::Purge => format!("dormouse queue purge {name} --confirm {name} --project {project}"),
        End::Delete => format!("dormouse queue delete {name} --with-messages --project {project}"),
    };
    let hint = format!("Type {name}: what is deleted cannot be had back.");
    let other = {
        let name = name.clone();
        move || typed.with(|typed| *typed != name)
    };
    let close = on_close.clone();
    let on_submit = move || {
        let (project, name, close, navigate) = (project.clone(), name.clone(), close.clone(), navigate.clone());
        match end {
            End::Purge => order.run(api.purge_queue(&project, &name, typed.get_untracked()), move |purged| {
                close();
                here.found.reload();
                toasts.say(format!("{} deleted.", format::count_of(purged.messages, "message")));
            }),
            End::Delete => {
                let to = place::queues(&project);
                order.run(api.delete_queue(&project, &name), move |()| {
                    close();
                    toasts.say("The queue is deleted.");
                    navigate(&to, Default::default());
                });
            }
        }
    };
    view! {
        <Dialog title on_close>
            <OrderForm order action on_submit look="button danger" disabled=other command>
                <TextField label="The queue's name" value=typed required=true mono=true autofocus=true maxlength=48 hint />
            </OrderForm>
        </Dialog>
    }
}

//! One queue: its head, its tabs and the orders that concern all of it.

use leptos::prelude::*;
use leptos_router::components::Outlet;
use wire::{Action, Queue};

use super::{PULSE, queue_state, send_dialog::SendDialog};
use crate::{
    api::Api,
    components::{
        error::OrderError,
        header::PageHeader,
        icon::{Glyph, Icon},
        tabs::Tabs,
    },
    order::Order,
    pages::parameter,
    place,
    remote::Remote,
    toasts::Toasts,
};

/// What all pages of one queue share.
pub(crate) type Here = crate::pages::here::Here<Queue>;

/// The frame of a queue's pages.
#[component]
pub(crate) fn QueuePage() -> impl IntoView {
    let api = Api::here();
    let (project, name) = (parameter("project"), parameter("queue"));
    let queue =
        Remote::new(move || (project.get(), name.get()), move |(project, name)| api.find_queue(&project, &name));
    queue.every(PULSE);
    let here = Here { project, name, found: queue };
    provide_context(here);
    let crumbs = Signal::derive(move || vec![(place::queues(&project.get()), "Queues".to_owned())]);
    let tabs = Signal::derive(move || {
        let tab = |tab, label, exact| (place::queue(&project.get(), &name.get(), tab), label, exact);
        vec![
            tab("", "Overview", true),
            tab("messages", "Messages", false),
            tab("redrives", "Redrives", false),
            tab("settings", "Settings", false),
        ]
    });
    let sending = RwSignal::new(false);
    let paused = Memo::new(move |_| queue.get().map(|queue| queue.paused));
    let state = move || paused.get().map(queue_state);
    let send = here.may(Action::QueueSend).then(|| {
        view! { <button type="button" class="button primary" on:click=move |_| sending.set(true)>"Send a message"</button> }
    });
    view! {
        <PageHeader crumbs title=name>
            {state}
            <span class="grow"></span>
            <PauseButton here paused />
            {send}
        </PageHeader>
        <Tabs what="Queue" tabs />
        <Outlet />
        <Show when=move || sending.get()>
            <SendDialog here on_close=move || sending.set(false) />
        </Show>
    }
}

/// Has the queue hand out nothing, or messages again.
#[component]
fn PauseButton(here: Here, paused: Memo<Option<bool>>) -> impl IntoView {
    let (api, toasts) = (Api::here(), expect_context::<Toasts>());
    let order = Order::new();
    let may = here.may(Action::QueueOperate);
    let press = move |to: bool| {
        let (project, name) = here.names();
        order.run(api.pause_queue(&project, &name, to), move |queue| {
            here.found.reload();
            let what = if queue.paused {
                "is paused: it takes messages in and hands out none"
            } else {
                "hands out messages again"
            };
            toasts.say(format!("{} {what}.", queue.name));
        });
    };
    let button = move || {
        let paused = paused.get().filter(|_| may)?;
        let (glyph, label) = if paused { (Glyph::Play, "Resume") } else { (Glyph::Pause, "Pause") };
        Some(view! {
            <button type="button" class="button" disabled=move || order.is_busy() on:click=move |_| press(!paused)>
                <Icon glyph />
                {label}
            </button>
        })
    };
    view! { {button} <OrderError order /> }
}

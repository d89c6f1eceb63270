//! What calls a function.

use leptos::prelude::*;
use wire::{Action, Deployment, Trigger};

use super::{Here, trigger_editor::TriggerEditor};
use crate::{
    components::{
        copy::CopyButton,
        icon::{Glyph, Icon},
    },
    format,
};

/// The page.
#[component]
pub(crate) fn TriggersPage() -> impl IntoView {
    let here = Here::get();
    let editing = RwSignal::new(false);
    // While triggers are edited they are not drawn anew when the function is loaded again.
    let shown = Memo::new(move |old: Option<&Option<Option<Deployment>>>| match old {
        Some(old) if editing.get() => old.clone(),
        _ => here.function.get().map(|function| function.live),
    });
    let body = move || {
        match shown.get() {
        Some(Some(live)) if editing.get() => view! { <TriggerEditor here live editing /> }.into_any(),
        Some(Some(live)) => view! { <TriggerTable here live editing /> }.into_any(),
        Some(None) => view! {
            <p class="muted">"Triggers come with a deployment. Deploy a version, and it gets an HTTP trigger for everything below its name."</p>
        }
        .into_any(),
        None => here.function.view("triggers", |_| ()).into_any(),
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
    let https = live.triggers.iter().filter_map(Trigger::as_http);
    let rows = https.zip(live.urls.iter()).map(|(http, url)| {
        let methods = if http.methods.is_empty() { "all".to_owned() } else { http.methods.join(", ") };
        let open = format::callable(url).map(|open| {
            view! { <a class="button small" href=open target="_blank" rel="noreferrer">"Open" <Icon glyph=Glyph::Out /></a> }
        });
        view! {
            <tr>
                <th scope="row" class="mono">{http.path.as_str().to_owned()}</th>
                <td data-label="Kind">"HTTP"</td>
                <td data-label="Methods">{methods}</td>
                <td data-label="Address" class="mono wrap">{url.clone()} <CopyButton text=url.clone() what="the address" /></td>
                <td class="row-actions">{open}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let edit = here.may(Action::DeploymentCreate).then(|| {
        view! { <button type="button" class="button" on:click=move |_| editing.set(true)>"Change triggers"</button> }
    });
    view! {
        <table class="list">
            <thead>
                <tr>
                    <th scope="col">"Path"</th>
                    <th scope="col">"Kind"</th>
                    <th scope="col">"Methods"</th>
                    <th scope="col">"Address"</th>
                    <th scope="col"><span class="hidden">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <div class="actions">{edit}</div>
    }
}

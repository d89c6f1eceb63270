//! A project's functions.

use leptos::prelude::*;
use leptos_router::components::A;
use wire::{Action, Function, Page};

use super::{functions_empty::FunctionsEmpty, parameter};
use crate::{
    account::Account,
    api::Api,
    components::{
        cli::SameAsCli,
        drop_zone::FilePicker,
        header::PageHeader,
        icon::{Glyph, Icon},
        live::{LiveState, TriggerChips},
        more::More,
        time::When,
    },
    place,
    remote::Remote,
};

/// The list, or for a project without functions the way to the first one.
#[component]
pub(crate) fn FunctionsPage() -> impl IntoView {
    let api = Api::here();
    let account = expect_context::<Account>();
    let picker = expect_context::<FilePicker>();
    let project = parameter("project");
    let pages = RwSignal::new(1);
    let functions =
        Remote::new(move || (project.get(), pages.get()), move |(project, pages)| api.list_functions(&project, pages));
    let some = Memo::new(move |_| functions.get().is_some_and(|page| !page.items.is_empty()));
    let upload = move || {
        (some.get() && account.may(&project.get(), Action::VersionCreate)).then(|| {
            view! {
                <button type="button" class="button primary" on:click=move |_| picker.open()>
                    <Icon glyph=Glyph::Upload />
                    "Upload"
                </button>
            }
        })
    };
    view! {
        <PageHeader crumbs=Vec::new() title="Functions">
            <span class="grow"></span>
            {upload}
        </PageHeader>
        {functions.view("functions", move |page| {
            let project = project.get_untracked();
            if page.items.is_empty() {
                view! { <FunctionsEmpty project /> }.into_any()
            } else {
                view! { <FunctionTable project page pages /> }.into_any()
            }
        })}
    }
}

/// The table of functions.
#[component]
fn FunctionTable(project: String, page: Page<Function>, pages: RwSignal<u32>) -> impl IntoView {
    let more = page.next_cursor.is_some();
    let command = format!("dormouse deploy hello.wasm --function hello --project {project}");
    let rows = page.items.into_iter().map(|function| view! { <FunctionRow project=project.clone() function /> });
    view! {
        <table class="list">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"Live"</th>
                    <th scope="col">"Triggers"</th>
                    <th scope="col">"Last deployment"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
        <More there_is=more pages />
        <SameAsCli command />
    }
}

/// One function.
#[component]
fn FunctionRow(project: String, function: Function) -> impl IntoView {
    let href = place::function(&project, &function.name, "");
    let live = function.live.clone();
    let newest = function
        .latest_version
        .filter(|newest| live.as_ref().is_some_and(|live| live.versions.iter().all(|part| part.version.0 != *newest)));
    let newest = newest.map(|number| view! { <span class="chip">"v" {number} " not deployed"</span> });
    let triggers = match &live {
        Some(live) => view! { <TriggerChips triggers=live.triggers.clone() /> }.into_any(),
        None => view! { <span class="muted">"none"</span> }.into_any(),
    };
    let last = match &live {
        Some(live) => view! {
            <When at=live.created_at_us />
            <span class="muted">" by " {live.created_by.clone()}</span>
            <span class="second">{live.message.clone()}</span>
        }
        .into_any(),
        None => view! { <span class="muted">"never"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                <A href attr:class="row-link">{function.name.clone()}</A>
                <span class="second">{function.description.clone()}</span>
            </th>
            <td data-label="Live"><LiveState live /> " " {newest}</td>
            <td data-label="Triggers">{triggers}</td>
            <td data-label="Last deployment">{last}</td>
        </tr>
    }
}

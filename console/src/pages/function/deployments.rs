//! What went live when: the timeline of a function's deployments.

use leptos::prelude::*;
use leptos_router::components::A;
use wire::{Action, Deployment, Page};

use super::Here;
use crate::{
    api::Api,
    components::{
        cli::SameAsCli,
        icon::{Glyph, Icon},
        live::{Lamp, TriggerChips},
        more::More,
        time::WhenInFull,
    },
    format, place,
    remote::Remote,
};

/// The page.
#[component]
pub(crate) fn DeploymentsPage() -> impl IntoView {
    let api = Api::here();
    let here = Here::get();
    let pages = RwSignal::new(1);
    let deployments = Remote::new(
        move || (here.project.get(), here.name.get(), pages.get()),
        move |(project, name, pages)| api.list_deployments(&project, &name, pages),
    );
    view! {
        <h2 class="hidden">"Deployments"</h2>
        {deployments.view("deployments", move |page| {
            if page.items.is_empty() {
                view! { <p class="muted">"Nothing was deployed yet. Deploy a version to give it traffic."</p> }.into_any()
            } else {
                view! { <Timeline here page pages /> }.into_any()
            }
        })}
    }
}

/// All deployments, the newest first.
#[component]
fn Timeline(here: Here, page: Page<Deployment>, pages: RwSignal<u32>) -> impl IntoView {
    let more = page.next_cursor.is_some();
    let (project, name) = here.names();
    let items = page.items.into_iter().map(|deployment| view! { <Moment here deployment /> });
    view! {
        <ol class="timeline">{items.collect_view()}</ol>
        <More there_is=more pages />
        <SameAsCli command=format!("dormouse deployments --function {name} --project {project}") />
    }
}

/// One deployment.
#[component]
fn Moment(here: Here, deployment: Deployment) -> impl IntoView {
    let (project, name) = here.names();
    let what = format::split(&deployment.versions);
    let head = if deployment.live {
        view! { <Lamp what=what.clone() /> }.into_any()
    } else {
        view! { <strong>{what.clone()}</strong> }.into_any()
    };
    let lasted = deployment.replaced_at_us.map(|end| {
        let seconds = (end.as_us() - deployment.created_at_us.as_us()) / 1_000_000;
        let lasted = if seconds < 1 { "less than a second".to_owned() } else { format::span(seconds) };
        view! { <span class="muted">" · live for " {lasted}</span> }
    });
    let origin = deployment.rolled_back_to.map(|number| {
        view! { <span class="chip"><Icon glyph=Glyph::Back /> "rollback to deployment " {number}</span> }
    });
    let back = (!deployment.live && here.may(Action::DeploymentRollBack)).then(|| {
        let href = place::roll_back(&project, &name, Some(deployment.number));
        view! { <A href attr:class="button small"><Icon glyph=Glyph::Back /> "Roll back to this"</A> }
    });
    let message = (!deployment.message.is_empty()).then(|| view! { <p>{deployment.message.clone()}</p> });
    view! {
        <li class="moment" class:is-live=deployment.live>
            <div class="moment-head">
                {head}
                <span class="muted">"deployment " <span class="number">{deployment.number}</span></span>
                {origin}
                <span class="grow"></span>
                {back}
            </div>
            {message}
            <p class="muted">
                {deployment.created_by.clone()} ", " <WhenInFull at=deployment.created_at_us /> {lasted}
            </p>
            <TriggerChips triggers=deployment.triggers />
        </li>
    }
}

//! A function at a glance: where it answers, what is live, what came last.

use leptos::prelude::*;
use leptos_router::components::A;
use wire::{Action, Deployment, Function};

use super::Here;
use crate::{
    components::{
        cli::SameAsCli,
        copy::{CodeLine, CopyButton},
        drop_zone::FilePicker,
        icon::{Glyph, Icon},
        live::Lamp,
        time::WhenInFull,
    },
    format, place,
};

/// The page.
#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    let here = Here::get();
    here.found.view("the function", move |function| match function.live.clone() {
        Some(live) => view! { <LiveOverview here function live /> }.into_any(),
        None => view! { <FirstSteps here function /> }.into_any(),
    })
}

/// A function with traffic.
#[component]
fn LiveOverview(here: Here, function: Function, live: Deployment) -> impl IntoView {
    let (project, name) = here.names();
    let call = format::callable_url(&live);
    let addresses = live.urls.iter().map(|url| view! { <Address url=url.clone() /> }).collect_view();
    let versions = live.versions.clone().into_iter().map(|part| {
        let href = place::version(&project, &name, part.version.0);
        view! {
            <li>
                <A href>{part.version.to_string()}</A>
                <meter min="0" max="100" value=part.weight.to_string() aria-label="Share"></meter>
                <span class="number">{part.weight} " %"</span>
            </li>
        }
    });
    let message = (!live.message.is_empty()).then(|| view! { <p>{live.message.clone()}</p> });
    let may_roll_back = live.number > 1 && here.may(Action::DeploymentRollBack);
    let back = place::roll_back(&project, &name, None);
    let deployments = place::function(&project, &name, "deployments");
    let call_line =
        call.map(|url| view! { <h2>"Call it"</h2> <CodeLine text=format!("curl {url}") what="the call" /> });
    let description = (!function.description.is_empty()).then(|| view! { <p class="lead">{function.description}</p> });
    view! {
        {description}
        <div class="columns">
            <section class="panel">
                <h2>"Addresses"</h2>
                <ul class="addresses">{addresses}</ul>
                {call_line}
            </section>
            <section class="panel">
                <h2><Lamp what=format!("since deployment {}", live.number) /></h2>
                <ul class="shares">{versions.collect_view()}</ul>
                <p class="muted">"By " {live.created_by.clone()} ", " <WhenInFull at=live.created_at_us /></p>
                {message}
                <div class="actions">
                    <A href=deployments attr:class="button">"All deployments"</A>
                    {may_roll_back.then(|| view! {
                        <A href=back attr:class="button"><Icon glyph=Glyph::Back /> "Roll back"</A>
                    })}
                </div>
                <SameAsCli command=format!("dormouse deployments --function {name} --project {project}") />
            </section>
        </div>
        <NewVersion here />
    }
}

/// One address with what can be done with it.
#[component]
fn Address(url: String) -> impl IntoView {
    let link = match format::callable(&url) {
        Some(open) => {
            view! { <a href=open target="_blank" rel="noreferrer">{url.clone()} " " <Icon glyph=Glyph::Out /></a> }
                .into_any()
        }
        None => view! { <span>{url.clone()}</span> }.into_any(),
    };
    view! { <li class="mono">{link} <CopyButton text=url what="the address" /></li> }
}

/// A function without traffic: what to do next.
#[component]
fn FirstSteps(here: Here, function: Function) -> impl IntoView {
    let (project, name) = here.names();
    let next = match function.latest_version {
        Some(number) => {
            let href = place::deploy(&project, &name, number);
            let may = here.may(Action::DeploymentCreate);
            view! {
                <p>"v" {number} " was uploaded, and nothing is live. Deploy it to give it traffic."</p>
                {may.then(|| view! { <div class="actions"><A href attr:class="button primary">"Deploy v" {number}</A></div> })}
            }
            .into_any()
        }
        None => {
            view! { <p>"This function has no version yet. Upload a component to make the first one."</p> }.into_any()
        }
    };
    view! {
        <section class="panel">
            <h2>"Not live yet"</h2>
            {next}
        </section>
        <NewVersion here />
    }
}

/// The way to a new version.
#[component]
fn NewVersion(here: Here) -> impl IntoView {
    let picker = expect_context::<FilePicker>();
    let (project, name) = here.names();
    let command = format!("dormouse deploy {name}.wasm --function {name} --project {project}");
    here.may(Action::VersionCreate).then(|| {
        view! {
            <section class="panel">
                <h2>"New version"</h2>
                <p class="muted">"Drop a component anywhere on this page, or choose one. Nothing goes live before you deploy it."</p>
                <div class="actions">
                    <button type="button" class="button" on:click=move |_| picker.open()>
                        <Icon glyph=Glyph::Upload /> "Upload a version"
                    </button>
                </div>
                <SameAsCli command />
            </section>
        }
    })
}

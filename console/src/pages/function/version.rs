//! One version: its verdict, what it runs with, where it came from.

use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_navigate};
use wire::{Action, Configuration, Version, VersionState};

use super::{Here, versions::source};
use crate::{
    api::Api,
    components::{
        cli::SameAsCli,
        copy::CopyButton,
        error::OrderError,
        icon::{Glyph, Icon},
        live::VersionStateLabel,
        time::WhenInFull,
        upload_steps::UploadSteps,
        verdict::VerdictView,
    },
    format,
    order::Order,
    pages::parameter,
    place,
    remote::{Beat, Remote},
    toasts::Toasts,
    upload::Stage,
};

/// The page.
#[component]
pub(crate) fn VersionPage() -> impl IntoView {
    let api = Api::here();
    let here = Here::get();
    let number = parameter("version");
    let version = Remote::new(
        move || (here.project.get(), here.name.get(), number.get()),
        move |(project, name, number)| async move {
            // An address that names no number names no version: the server says so for 0.
            api.find_version(&project, &name, number.trim_start_matches('v').parse().unwrap_or(0)).await
        },
    );
    version.view("the version", move |version| view! { <VersionView here version /> })
}

/// All that is known of a version.
#[component]
fn VersionView(here: Here, version: Version) -> impl IntoView {
    let (project, name) = here.names();
    let number = version.number;
    let digest = version.component_sha256.clone();
    let download = format!("/api/v1/projects/{project}/functions/{name}/versions/{number}/component");
    let command = format!("dormouse invoke GET /{name}/ --function {name} --project {project} --version v{number}");
    let message = (!version.message.is_empty()).then(|| view! { <p class="lead">{version.message.clone()}</p> });
    view! {
        <div class="section-head">
            <h2>"v" {number}</h2>
            <VersionStateLabel version=version.clone() />
            <span class="grow"></span>
            <VersionActions here version=version.clone() />
        </div>
        {message}
        <div class="columns">
            <section class="panel">
                <h3>"Verdict"</h3>
                <UploadSteps stage=Stage::Ended(Box::new(version.clone())) />
                <VerdictView version=version.clone() />
            </section>
            <section class="panel">
                <h3>"Origin"</h3>
                <dl class="facts">
                    <div><dt>"Uploaded"</dt><dd><WhenInFull at=version.created_at_us /></dd></div>
                    <div><dt>"By"</dt><dd>{version.created_by.clone()} " " {source(version.source)}</dd></div>
                    <div>
                        <dt>"SHA-256"</dt>
                        <dd><code class="wrap">{digest.clone()}</code> <CopyButton text=digest what="the digest" /></dd>
                    </div>
                    <div>
                        <dt>"Component"</dt>
                        <dd>
                            <a href=download download=format!("{name}-v{number}.wasm") rel="external">"Download"</a>
                            <span class="muted number">" " {format::bytes(version.component_bytes)}</span>
                        </dd>
                    </div>
                </dl>
                <ConfigurationView configuration=version.configuration />
                <SameAsCli command />
            </section>
        </div>
    }
}

/// What can be done with a version.
#[component]
fn VersionActions(here: Here, version: Version) -> impl IntoView {
    let (api, beat, toasts) = (Api::here(), expect_context::<Beat>(), expect_context::<Toasts>());
    let navigate = use_navigate();
    let names = StoredValue::new(here.names());
    let (project, name) = here.names();
    let number = version.number;
    let ready = version.state == VersionState::Ready;
    let deleting = Order::new();
    let delete = move |_| {
        let (project, name) = names.get_value();
        let to = place::function(&project, &name, "versions");
        let navigate = navigate.clone();
        deleting.run(api.delete_version(&project, &name, number), move |()| {
            beat.now();
            navigate(&to, Default::default());
            toasts.say(format!("v{number} is discarded."));
        });
    };
    let may_delete = !version.live && here.may(Action::VersionDelete);
    let test = format!("{}?version={number}", place::function(&project, &name, "test"));
    view! {
        {may_delete.then(|| view! {
            <button type="button" class="button" disabled=move || deleting.is_busy() on:click=delete>"Discard"</button>
        })}
        {ready.then(|| view! {
            <A href=test attr:class="button"><Icon glyph=Glyph::Play /> "Test"</A>
            <a class="button" href=format!("{}/", version.preview_url) target="_blank" rel="noreferrer">"Try it" <Icon glyph=Glyph::Out /></a>
        })}
        {(ready && here.may(Action::DeploymentCreate)).then(|| view! {
            <A href=place::deploy(&project, &name, number) attr:class="button">"Deploy"</A>
        })}
        <OrderError order=deleting />
    }
}

/// Limits, instances, outgoing hosts and variables.
#[component]
fn ConfigurationView(configuration: Configuration) -> impl IntoView {
    let limits = configuration.limits.values().map(|(limit, value)| {
        view! { <div title=limit.what><dt>{limit.label}</dt><dd>{format::figure(limit.unit, value)}</dd></div> }
    });
    let limits = limits.collect_view();
    let ready = match configuration.provisioned {
        0 => "None is kept ready: an instance is made when a request comes.".to_owned(),
        ready => format!("{ready} kept ready while the version is live."),
    };
    let serves = configuration.reuse.map_or_else(
        || "A fresh one for each request.".to_owned(),
        |reuse| format!("Not a fresh one for each request: {}.", reuse.in_words()),
    );
    let hosts = configuration.allowed_outbound_hosts;
    let hosts = if hosts.is_empty() {
        view! { <p class="muted">"None: every outgoing request is denied."</p> }.into_any()
    } else {
        let entries = hosts.into_iter().map(|host| view! { <li><code class="wrap">{host.to_string()}</code></li> });
        view! { <ul class="plain">{entries.collect_view()}</ul> }.into_any()
    };
    let variables: Vec<_> = configuration.variables.into_iter().collect();
    let variables = if variables.is_empty() {
        view! { <p class="muted">"No variables."</p> }.into_any()
    } else {
        let rows = variables.into_iter().map(|(name, value)| {
            view! { <div><dt class="mono">{name}</dt><dd class="mono wrap">{value}</dd></div> }
        });
        view! { <dl class="facts">{rows.collect_view()}</dl> }.into_any()
    };
    view! {
        <h3>"Limits"</h3>
        <dl class="facts number">
            {limits}
        </dl>
        <h3>"Instances"</h3>
        <p>{serves} " " {ready}</p>
        <h3>"Outgoing hosts"</h3>
        {hosts}
        <h3>"Variables"</h3>
        {variables}
    }
}

//! A function's versions.

use leptos::prelude::*;
use leptos_router::components::A;
use wire::{Action, Page, Source, Version, VersionState};

use super::Here;
use crate::{
    api::Api,
    components::{
        cli::SameAsCli,
        copy::CopyButton,
        drop_zone::FilePicker,
        icon::{Glyph, Icon},
        live::VersionStateLabel,
        more::More,
        time::When,
    },
    format, place,
    remote::Remote,
};

/// The page.
#[component]
pub(crate) fn VersionsPage() -> impl IntoView {
    let api = Api::here();
    let here = Here::get();
    let picker = expect_context::<FilePicker>();
    let pages = RwSignal::new(1);
    let versions = Remote::new(
        move || (here.project.get(), here.name.get(), pages.get()),
        move |(project, name, pages)| api.list_versions(&project, &name, pages),
    );
    let upload = here.may(Action::VersionCreate).then(|| {
        view! {
            <button type="button" class="button" on:click=move |_| picker.open()>
                <Icon glyph=Glyph::Upload /> "Upload a version"
            </button>
        }
    });
    view! {
        <div class="section-head"><h2>"Versions"</h2><span class="grow"></span>{upload}</div>
        {versions.view("versions", move |page| {
            if page.items.is_empty() {
                view! { <p class="muted">"There is no version yet. Drop a component on this page to make one."</p> }.into_any()
            } else {
                view! { <VersionTable here page pages /> }.into_any()
            }
        })}
    }
}

/// The table of versions.
#[component]
fn VersionTable(here: Here, page: Page<Version>, pages: RwSignal<u32>) -> impl IntoView {
    let more = page.next_cursor.is_some();
    let (project, name) = here.names();
    let live = page.items.iter().find(|version| version.live).map(|version| version.number);
    let rows = page.items.into_iter().map(|version| view! { <VersionRow here version live /> });
    view! {
        <table class="list">
            <thead>
                <tr>
                    <th scope="col">"Version"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Uploaded"</th>
                    <th scope="col">"Component"</th>
                    <th scope="col"><span class="hidden">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
        <More there_is=more pages />
        <SameAsCli command=format!("dormouse versions --function {name} --project {project}") />
    }
}

/// One version.
#[component]
fn VersionRow(here: Here, version: Version, live: Option<u32>) -> impl IntoView {
    let (project, name) = here.names();
    let number = version.number;
    let ready = version.state == VersionState::Ready;
    let try_it = ready.then(|| {
        let href = format!("{}/", version.preview_url);
        view! { <a class="button small" href=href target="_blank" rel="noreferrer">"Try" <Icon glyph=Glyph::Out /></a> }
    });
    let deploy = (ready && here.may(Action::DeploymentCreate)).then(|| {
        let href = place::deploy(&project, &name, number);
        view! { <A href attr:class="button small">"Deploy"</A> }
    });
    let compare = live.filter(|live| *live != number && ready).map(|live| {
        let href = format!("{}/compare/{number}", place::version(&project, &name, live));
        view! { <A href attr:class="button small">"Compare"</A> }
    });
    let digest = version.component_sha256.clone();
    view! {
        <tr>
            <th scope="row">
                <A href=place::version(&project, &name, number) attr:class="row-link">"v" {number}</A>
                <span class="second">{version.message.clone()}</span>
            </th>
            <td data-label="State"><VersionStateLabel version=version.clone() /></td>
            <td data-label="Uploaded">
                <When at=version.created_at_us />
                <span class="muted">" by " {version.created_by.clone()} " " {source(version.source)}</span>
            </td>
            <td data-label="Component">
                <span class="number">{format::bytes(version.component_bytes)}</span>
                <span class="second"><code title=digest.clone()>{format::short_digest(&digest)}</code> <CopyButton text=digest what="the digest" /></span>
            </td>
            <td class="row-actions">{try_it} {deploy} {compare}</td>
        </tr>
    }
}

/// Where a version came from, in words.
pub(super) fn source(source: Source) -> &'static str {
    match source {
        Source::Console => "in the console",
        Source::Cli => "with the command line",
        Source::Api => "through the API",
    }
}

//! One function: its head, its tabs and the dialogs that move its traffic.

pub(crate) mod call;
pub(crate) mod compare;
pub(crate) mod deployments;
pub(crate) mod overview;
pub(crate) mod settings;
pub(crate) mod test;
pub(crate) mod trigger_editor;
pub(crate) mod triggers;
pub(crate) mod version;
pub(crate) mod versions;

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    components::{A, Outlet},
    hooks::{use_location, use_navigate, use_query_map},
};
use wire::{Action, Function, VersionState};

use super::parameter;
use crate::{
    account::Account,
    api::Api,
    components::{
        deploy_dialog::DeployDialog,
        header::PageHeader,
        live::LiveState,
        roll_back_dialog::{Goal, RollBackDialog},
        tabs::Tabs,
    },
    format, place,
    remote::Remote,
};

/// What all pages of one function share.
pub(crate) type Here = super::here::Here<Function>;

/// The frame of a function's pages.
#[component]
pub(crate) fn FunctionPage() -> impl IntoView {
    let api = Api::here();
    let (project, name) = (parameter("project"), parameter("function"));
    let function =
        Remote::new(move || (project.get(), name.get()), move |(project, name)| api.find_function(&project, &name));
    let here = Here { project, name, found: function };
    provide_context(here);
    let crumbs = Signal::derive(move || vec![(place::functions(&project.get()), "Functions".to_owned())]);
    let tabs = Signal::derive(move || {
        let tab = |tab, label, exact| (place::function(&project.get(), &name.get(), tab), label, exact);
        vec![
            tab("", "Overview", true),
            tab("versions", "Versions", false),
            tab("deployments", "Deployments", false),
            tab("triggers", "Triggers", false),
            tab("test", "Test", false),
            tab("settings", "Settings", false),
        ]
    });
    let state = move || {
        function.get().map(|function| {
            let triggers = function.live.as_ref().map(|live| format::count(live.triggers.len(), "trigger"));
            view! {
                <LiveState live=function.live />
                {triggers.map(|text| view! { <span class="muted">{text}</span> })}
            }
        })
    };
    view! {
        <PageHeader crumbs title=name>
            {state}
            <span class="grow"></span>
            <DeployNewest here />
        </PageHeader>
        <Tabs what="Function" tabs />
        <Outlet />
        <Dialogs here />
    }
}

/// The one primary action: to deploy the newest version, where it is ready and not live.
#[component]
fn DeployNewest(here: Here) -> impl IntoView {
    let api = Api::here();
    let account = expect_context::<Account>();
    let newest = Memo::new(move |_| here.found.get().and_then(|function| function.latest_version));
    let version = Remote::new(
        move || (here.project.get(), here.name.get(), newest.get()),
        move |(project, name, newest)| async move {
            match newest {
                Some(number) => api.find_version(&project, &name, number).await.map(Some),
                None => Ok(None),
            }
        },
    );
    move || {
        let newest = version.get().flatten()?;
        let may = account.may(&here.project.get(), Action::DeploymentCreate);
        let href = place::deploy(&here.project.get(), &here.name.get(), newest.number);
        let waits = newest.state == VersionState::Ready && !newest.live;
        (may && waits).then(|| view! { <A href attr:class="button primary">"Deploy v" {newest.number}</A> })
    }
}

/// The dialog that the address asks for. Closing it leaves the page below at its own address.
#[component]
fn Dialogs(here: Here) -> impl IntoView {
    let query = use_query_map();
    let location = use_location();
    let navigate = use_navigate();
    let asked = Memo::new(move |_| query.with(|map| (map.get("deploy"), map.get("roll-back"))));
    let close = move || {
        let options = NavigateOptions { replace: true, scroll: false, ..Default::default() };
        // Whoever went on to another page has closed the dialog by that.
        if asked.try_get_untracked().is_some_and(|(deploy, back)| deploy.is_some() || back.is_some()) {
            navigate(&location.pathname.get_untracked(), options);
        }
    };
    // Drawn anew when another dialog is asked for or the function first arrives, not when it changes.
    let arrived = Memo::new(move |_| here.found.get().is_some());
    move || {
        let (deploy, back) = asked.get();
        let (project, name) = (here.project.get(), here.name.get());
        let on_close = close.clone();
        if !arrived.get() {
            return ().into_any();
        }
        let version = deploy.and_then(|number| number.parse::<u32>().ok());
        if let (Some(version), Some(function)) = (version, untrack(|| here.found.get())) {
            return view! { <DeployDialog project function version on_close /> }.into_any();
        }
        let goal = back.map(|to| to.parse().map_or(Goal::Previous, Goal::Number));
        match goal {
            Some(goal) => view! { <RollBackDialog project function=name goal on_close /> }.into_any(),
            None => ().into_any(),
        }
    }
}

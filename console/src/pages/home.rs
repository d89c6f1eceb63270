//! Where a visit without an address of its own goes: to the first project, or to making one.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, components::Redirect, hooks::use_navigate};

use super::{door::Door, parameter};
use crate::{
    account::Account,
    api::Api,
    components::{dialog::Dialog, field::TextField, form::OrderForm},
    order::Order,
    place,
};

/// Goes to the first project's functions; asks for a project where there is none.
#[component]
pub(crate) fn HomePage() -> impl IntoView {
    let account = expect_context::<Account>();
    let first = untrack(|| account.projects()).into_iter().next();
    match first {
        Some(project) => {
            let options = NavigateOptions { replace: true, ..Default::default() };
            view! { <Redirect path=place::functions(&project.name) options /> }.into_any()
        }
        None => view! {
            <Door title="Your first project">
                <p>"A project holds functions and the people who work on them."</p>
                <NewProjectForm />
            </Door>
        }
        .into_any(),
    }
}

/// Goes to the project's functions.
#[component]
pub(crate) fn ProjectHomePage() -> impl IntoView {
    let project = parameter("project");
    let options = NavigateOptions { replace: true, ..Default::default() };
    view! { <Redirect path=place::functions(&project.get_untracked()) options /> }
}

/// The dialog that makes a project.
#[component]
pub(crate) fn NewProjectDialog(
    /// Called when it is closed.
    on_close: impl Fn() + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let close = on_close.clone();
    view! {
        <Dialog title="New project" on_close>
            <NewProjectForm on_done=Callback::new(move |()| close()) />
        </Dialog>
    }
}

/// Asks for the new project's name and goes there.
#[component]
fn NewProjectForm(
    /// Called when the project exists.
    #[prop(optional)]
    on_done: Option<Callback<()>>,
) -> impl IntoView {
    let api = Api::here();
    let name = RwSignal::new(String::new());
    let order = Order::new();
    let navigate = use_navigate();
    let on_submit = move || {
        let navigate = navigate.clone();
        order.run(api.create_project(name.get_untracked()), move |project| {
            if let Some(on_done) = on_done {
                // The dialog may be closed by now, and its callback gone with it.
                let _ = on_done.try_run(());
            }
            navigate(&place::functions(&project.name), Default::default());
        });
    };
    view! {
        <OrderForm order action="Create" on_submit>
            <TextField
                label="Name"
                value=name
                hint="Small letters, digits and -. It becomes part of your functions' addresses."
                error=Signal::derive(move || order.field_error("name"))
                required=true
                mono=true
                autofocus=true
                maxlength=48
            />
        </OrderForm>
    }
}

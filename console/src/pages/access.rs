//! Who and what may act in a project.

pub(crate) mod invite;
pub(crate) mod members;
pub(crate) mod new_token;
pub(crate) mod tokens;

use leptos::prelude::*;
use leptos_router::components::Outlet;

use super::parameter;
use crate::{
    components::{header::PageHeader, tabs::Tabs},
    place,
};

/// The frame of both pages: machines' tokens and people.
#[component]
pub(crate) fn AccessPage() -> impl IntoView {
    let project = parameter("project");
    let tabs = Signal::derive(move || {
        let access = place::access(&project.get());
        vec![(access.clone(), "Tokens", true), (format!("{access}/members"), "Members", false)]
    });
    view! {
        <PageHeader crumbs=Vec::new() title="Access" />
        <Tabs what="Access" tabs />
        <Outlet />
    }
}

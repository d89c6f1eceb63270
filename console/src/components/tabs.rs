//! The parts of one thing, side by side.

use leptos::prelude::*;
use leptos_router::components::A;

/// Links to the parts; the one on show is marked.
#[component]
pub(crate) fn Tabs(
    /// What the parts belong to, for those who do not see it.
    what: &'static str,
    /// Address, label, and whether only that very address counts as being there.
    #[prop(into)]
    tabs: Signal<Vec<(String, &'static str, bool)>>,
) -> impl IntoView {
    let links = move || {
        let links = tabs.get().into_iter().map(|(href, label, exact)| view! { <A href exact>{label}</A> });
        links.collect_view()
    };
    view! { <nav class="tabs" aria-label=what>{links}</nav> }
}

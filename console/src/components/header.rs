//! The head of a page: where one is, what it is, what can be done.

use leptos::prelude::*;
use leptos_router::components::A;

/// Breadcrumbs, the page's title, its state and its one primary action.
#[component]
pub(crate) fn PageHeader(
    /// Addresses and labels of what the page lies in, the outermost first.
    #[prop(into)]
    crumbs: Signal<Vec<(String, String)>>,
    /// The title, also the window's.
    #[prop(into)]
    title: Signal<String>,
    /// State beside the title and actions at the right.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    Effect::new(move |_| document().set_title(&format!("{} · Dormouse", title.get())));
    let trail = move || {
        let trail = crumbs.get().into_iter().map(|(href, label)| view! { <li><A href>{label}</A></li> });
        trail.collect_view()
    };
    let trail = move || {
        (!crumbs.with(Vec::is_empty)).then(|| {
            view! { <nav class="breadcrumb" aria-label="Breadcrumb"><ol class="crumbs">{trail}</ol></nav> }
        })
    };
    view! {
        {trail}
        <div class="page-head">
            <h1>{title}</h1>
            {children.map(|children| children())}
        </div>
    }
}

//! The page of an address that leads nowhere.

use leptos::prelude::*;

use super::door::Door;

/// Says so, and leads back.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    view! {
        <Door title="There is no such page">
            <p>"The address leads nowhere. It may have been mistyped, or what it showed is gone."</p>
            <p><a class="button" href="/">"Go to the functions"</a></p>
        </Door>
    }
}

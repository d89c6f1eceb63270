//! What stands where data will be.

use leptos::prelude::*;

/// Says that `what` is loading, in the room that it will take.
#[component]
pub(crate) fn Loading(
    /// What is loading, such as `functions`.
    what: &'static str,
) -> impl IntoView {
    view! {
        <div class="loading" role="status">
            <span class="hidden">"Loading " {what} "…"</span>
            <span class="bar"></span>
            <span class="bar"></span>
            <span class="bar"></span>
        </div>
    }
}

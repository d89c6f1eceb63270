//! The rest of a long list.

use leptos::prelude::*;

/// A button that shows one page more, where there is more.
#[component]
pub(crate) fn More(
    /// Whether there is more than is on show.
    there_is: bool,
    /// How many pages are on show.
    pages: RwSignal<u32>,
) -> impl IntoView {
    there_is.then(|| {
        view! {
            <p class="more">
                <button type="button" class="button" on:click=move |_| pages.update(|count| *count += 1)>
                    "Show more"
                </button>
            </p>
        }
    })
}

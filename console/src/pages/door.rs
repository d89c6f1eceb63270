//! The frame of pages that stand before the console: one card in the middle.

use leptos::prelude::*;

use crate::components::theme::ThemeButton;

/// A centred card under the platform's name.
#[component]
pub(crate) fn Door(
    /// Its heading, also the window's title.
    #[prop(into)]
    title: Signal<String>,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    Effect::new(move |_| document().set_title(&format!("{} · Dormouse", title.get())));
    view! {
        <div class="door">
            <div class="door-head">
                <span class="brand-mark" aria-hidden="true"></span>
                <span class="brand-name">"Dormouse"</span>
                <span class="grow"></span>
                <ThemeButton />
            </div>
            <main id="main" tabindex="-1" class="panel">
                <h1>{title}</h1>
                {children()}
            </main>
        </div>
    }
}

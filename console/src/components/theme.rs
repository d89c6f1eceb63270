//! Dark and light.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::browser;

/// Where the choice is stored; `static/theme.js` reads it before the first paint.
const KEY: &str = "dormouse.theme";

/// A button that changes between dark and light and remembers the choice. Without a choice the
/// system decides.
#[component]
pub(crate) fn ThemeButton() -> impl IntoView {
    let dark = RwSignal::new(is_dark());
    let change = move |_| {
        let theme = if dark.get_untracked() { "light" } else { "dark" };
        dark.set(theme == "dark");
        browser::store(KEY, theme);
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-theme", theme);
        }
    };
    let label = move || if dark.get() { "Use the light theme" } else { "Use the dark theme" };
    view! {
        <button type="button" class="icon-button" title=label aria-label=label on:click=change>
            {move || if dark.get() { view! { <Icon glyph=Glyph::Sun /> } } else { view! { <Icon glyph=Glyph::Moon /> } }}
        </button>
    }
}

fn is_dark() -> bool {
    let system = || {
        let query = window().match_media("(prefers-color-scheme: dark)").ok().flatten();
        query.is_some_and(|query| query.matches())
    };
    browser::stored(KEY).map_or_else(system, |theme| theme == "dark")
}

//! Dark and light.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::{browser, remote::Beat};

/// Where the choice is stored; `static/theme.js` reads it before the first paint.
const KEY: &str = "dormouse.theme";

/// A button that changes between dark and light and remembers the choice. Without a choice the
/// system decides.
#[component]
pub(crate) fn ThemeButton() -> impl IntoView {
    let beat = expect_context::<Beat>();
    let chosen = RwSignal::new(0_u32);
    // The system can change its mind too, by the time of day: it is asked with every beat.
    let dark = Memo::new(move |_| {
        beat.track();
        chosen.track();
        is_dark()
    });
    let change = move |_| {
        let theme = if is_dark() { "light" } else { "dark" };
        browser::store(KEY, theme);
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-theme", theme);
        }
        chosen.update(|count| *count = count.wrapping_add(1));
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

//! Copying text to the clipboard.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};

use super::icon::{Glyph, Icon};
use crate::browser;

/// A button that copies `text` and says so for a moment.
#[component]
pub(crate) fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// What it is, such as `the digest`: names the button for those who do not see it.
    #[prop(into)]
    what: Signal<String>,
) -> impl IntoView {
    let state = RwSignal::new(None::<bool>);
    let copy = move |_| {
        let text = text.get_untracked();
        spawn_local(async move {
            let done = browser::copy(&text).await;
            let _ = state.try_set(Some(done));
            browser::pause(Duration::from_millis(1_600)).await;
            let _ = state.try_set(None);
        });
    };
    let label = move || match state.get() {
        None => format!("Copy {}", what.get()),
        Some(true) => "Copied".to_owned(),
        Some(false) => "The browser does not allow copying here".to_owned(),
    };
    let icon = move || match state.get() {
        None => view! { <Icon glyph=Glyph::Copy /> },
        Some(true) => view! { <Icon glyph=Glyph::Check /> },
        Some(false) => view! { <Icon glyph=Glyph::Warning /> },
    };
    view! {
        <button type="button" class="icon-button copy" title=label aria-label=label on:click=copy>
            {icon}
        </button>
        <span class="hidden" role="status">{move || state.get().map(|_| label())}</span>
    }
}

/// A line of code with a button that copies it.
#[component]
pub(crate) fn CodeLine(
    /// The code.
    #[prop(into)]
    text: Signal<String>,
    /// What it is, such as `the command`.
    #[prop(into)]
    what: Signal<String>,
) -> impl IntoView {
    view! {
        <div class="code-line">
            <code tabindex="0">{text}</code>
            <CopyButton text what />
        </div>
    }
}

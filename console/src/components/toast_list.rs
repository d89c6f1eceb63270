//! The corner in which messages appear.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::toasts::{Toast, Toasts};

/// All messages on show, told to screen readers as they come.
#[component]
pub(crate) fn ToastList() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.list() key=|toast| toast.id let:toast>
                <ToastCard toast />
            </For>
        </div>
    }
}

/// One message with its button.
#[component]
fn ToastCard(toast: Toast) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let id = toast.id;
    let action = toast.action.map(|(label, act)| {
        let run = move |_| {
            toasts.dismiss(id);
            act();
        };
        view! { <button type="button" class="button small" on:click=run>{label}</button> }
    });
    view! {
        <div class="toast">
            <span>{toast.text}</span>
            {action}
            <button
                type="button"
                class="icon-button"
                aria-label="Dismiss"
                title="Dismiss"
                on:click=move |_| toasts.dismiss(id)
            >
                <Icon glyph=Glyph::Close />
            </button>
        </div>
    }
}

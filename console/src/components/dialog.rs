//! Dialogs on the browser's own `<dialog>`, which keeps the focus inside and closes on Escape.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use super::icon::{Glyph, Icon};

/// A dialog that is open for as long as it is drawn. The focus goes back to where it was.
#[component]
pub(crate) fn Dialog(
    /// Its heading.
    #[prop(into)]
    title: Signal<String>,
    /// Called when the person closes it; the caller then stops drawing it.
    on_close: impl Fn() + Clone + 'static,
    /// Whether it is wide enough for two columns.
    #[prop(optional)]
    wide: bool,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let id = unique_id("dialog");
    let heading = id.clone();
    let opener = StoredValue::new_local(document().active_element());
    Effect::new(move |_| {
        if let Some(dialog) = node.get()
            && !dialog.open()
        {
            let _ = dialog.show_modal();
        }
    });
    on_cleanup(move || {
        let opener = opener.try_get_value().flatten().and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(opener) = opener.filter(|opener| opener.is_connected()) {
            let _ = opener.focus();
        }
    });
    let close = move || {
        if let Some(dialog) = node.get_untracked() {
            dialog.close();
        }
    };
    // A click beside the dialog hits its backdrop, which counts as the dialog itself.
    let on_click = move |event: leptos::ev::MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlDialogElement>().ok());
        if target.is_some() {
            close();
        }
    };
    view! {
        <dialog
            node_ref=node
            class="dialog"
            class:wide=wide
            aria-labelledby=id
            on:close=move |_| on_close()
            on:click=on_click
        >
            <div class="dialog-body">
                <header class="dialog-head">
                    <h2 id=heading>{title}</h2>
                    <button type="button" class="icon-button" aria-label="Close" title="Close" on:click=move |_| close()>
                        <Icon glyph=Glyph::Close />
                    </button>
                </header>
                {children()}
            </div>
        </dialog>
    }
}

/// An id that no other element of the page has.
pub(crate) fn unique_id(kind: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{kind}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

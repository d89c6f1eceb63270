//! The help on keys.

use leptos::prelude::*;

use super::dialog::Dialog;
use crate::keys::KEYS;

/// All keys with what they do.
#[component]
pub(crate) fn KeysDialog(
    /// Called when it is closed.
    on_close: impl Fn() + Clone + 'static,
) -> impl IntoView {
    let rows = KEYS.iter().map(|(keys, what)| {
        let keys = keys.split(' ').map(|key| view! { <kbd>{key}</kbd> " " }).collect_view();
        view! { <div><dt>{keys}</dt><dd>{*what}</dd></div> }
    });
    view! {
        <Dialog title="Keys" on_close>
            <dl class="keys">{rows.collect_view()}</dl>
        </Dialog>
    }
}

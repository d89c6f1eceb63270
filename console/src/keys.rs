//! The keys that work on every page, and what each is for.

use std::time::Duration;

use leptos::{ev::KeyboardEvent, prelude::*};
use wasm_bindgen::JsCast;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Open the palette.
    Palette,
    /// Show the keys.
    Help,
    /// Go to the functions.
    Functions,
    /// Go to the queues.
    Queues,
    /// Go to the schedules.
    Schedules,
    /// Go to the connections.
    Connections,
    /// Go to the secrets.
    Secrets,
    /// Go to tokens and members.
    Access,
    /// Go to the project's settings.
    Settings,
    /// Choose a file to upload.
    Upload,
    /// Roll back the function on show.
    RollBack,
}

/// All keys with what they do, as the help shows them.
pub(crate) const KEYS: &[(&str, &str)] = &[
    ("Ctrl K", "Find a function, a page or an action"),
    ("?", "Show these keys"),
    ("g f", "Go to the functions"),
    ("g q", "Go to the queues"),
    ("g c", "Go to the schedules"),
    ("g w", "Go to the connections"),
    ("g e", "Go to the secrets"),
    ("g a", "Go to tokens and members"),
    ("g s", "Go to the project's settings"),
    ("u", "Upload a component"),
    ("r", "Roll back, on a function's page"),
    ("Esc", "Close what is open"),
];

/// Calls `wish` for each key that is pressed outside of inputs and dialogs, until the page is gone.
pub(crate) fn listen(wish: impl Fn(Wish) + 'static) {
    let after_g = StoredValue::new(false);
    let listener = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        let key = event.key();
        if (event.ctrl_key() || event.meta_key()) && key.eq_ignore_ascii_case("k") {
            event.prevent_default();
            wish(Wish::Palette);
            return;
        }
        if event.ctrl_key() || event.meta_key() || event.alt_key() || is_taken(&event) {
            return;
        }
        let second = after_g.get_value();
        after_g.set_value(false);
        let wished = match (second, key.as_str()) {
            (true, "f") => Wish::Functions,
            (true, "q") => Wish::Queues,
            (true, "c") => Wish::Schedules,
            (true, "w") => Wish::Connections,
            (true, "e") => Wish::Secrets,
            (true, "a") => Wish::Access,
            (true, "s") => Wish::Settings,
            (false, "?") => Wish::Help,
            (false, "u") => Wish::Upload,
            (false, "r") => Wish::RollBack,
            (false, "g") => {
                after_g.set_value(true);
                set_timeout(
                    move || {
                        let _ = after_g.try_set_value(false);
                    },
                    Duration::from_millis(1_500),
                );
                return;
            }
            _ => return,
        };
        event.prevent_default();
        wish(wished);
    });
    on_cleanup(move || listener.remove());
}

/// Whether the key belongs to an input or to a dialog.
fn is_taken(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let typed = target.is_some_and(|target| {
        target.closest("input, textarea, select, [contenteditable], dialog").ok().flatten().is_some()
    });
    typed || document().query_selector("dialog[open]").ok().flatten().is_some()
}

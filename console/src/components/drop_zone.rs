//! The ways in which a file comes into the console: dropped anywhere, or picked.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, File};
use wire::Action;

use crate::{account::Account, place::Place, toasts::Toasts, upload::Uploads};

/// Hands a file to the upload, for the function that the address is about where there is one.
#[derive(Clone, Copy)]
struct Taker {
    at: Memo<Place>,
    uploads: Uploads,
    toasts: Toasts,
    account: Account,
}

impl Taker {
    fn new(at: Memo<Place>) -> Self {
        Self { at, uploads: expect_context(), toasts: expect_context(), account: expect_context() }
    }

    fn take(self, file: File) {
        let Place { project, function } = self.at.get_untracked();
        let Some(project) = project else { return };
        if !self.account.may_now(&project, Action::VersionCreate) {
            self.toasts.say("Your role in this project does not include uploads.");
        } else if self.uploads.is_sending() {
            self.toasts.say("An upload is under way. Wait for it or cancel it first.");
        } else {
            self.uploads.choose(&project, function.as_deref(), file);
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
    }
}

/// Lets the person pick a file in the browser's own dialog.
#[derive(Clone, Copy)]
pub(crate) struct FilePicker {
    taker: Taker,
    node: NodeRef<html::Input>,
}

impl FilePicker {
    /// For the place at which the person is. Also for all parts below, as a context.
    pub(crate) fn new(at: Memo<Place>) -> Self {
        let picker = Self { taker: Taker::new(at), node: NodeRef::new() };
        provide_context(picker);
        picker
    }

    /// Opens the dialog. Works only while a key or a click is handled.
    pub(crate) fn open(self) {
        if let Some(input) = self.node.get_untracked() {
            input.click();
        }
    }

    /// The input behind it, which nobody sees.
    pub(crate) fn input(self) -> impl IntoView {
        let on_change = move |_| {
            let Some(input) = self.node.get_untracked() else { return };
            if let Some(file) = input.files().and_then(|files| files.get(0)) {
                self.taker.take(file);
            }
            // So that the same file can be picked once more.
            input.set_value("");
        };
        view! {
            <input
                node_ref=self.node
                type="file"
                accept=".wasm,application/wasm"
                hidden
                aria-label="Component to upload"
                on:change=on_change
            />
        }
    }
}

/// Takes files that are dropped anywhere on the page, and says so while one is held over it.
#[component]
pub(crate) fn DropTarget(
    /// What the address is about.
    at: Memo<Place>,
) -> impl IntoView {
    let taker = Taker::new(at);
    // Each element that the file moves over tells of coming and going: it is inside while they differ.
    let inside = RwSignal::new(0_i32);
    let enter = window_event_listener(ev::dragenter, move |event| {
        if carries_file(&event) {
            event.prevent_default();
            inside.update(|count| *count += 1);
        }
    });
    let over = window_event_listener(ev::dragover, move |event| {
        if carries_file(&event) {
            event.prevent_default();
        }
    });
    let leave = window_event_listener(ev::dragleave, move |event| {
        if carries_file(&event) {
            inside.update(|count| *count = (*count - 1).max(0));
        }
    });
    let drop = window_event_listener(ev::drop, move |event| {
        inside.set(0);
        if !carries_file(&event) {
            return;
        }
        event.prevent_default();
        if let Some(file) = event.data_transfer().and_then(|data| data.files()).and_then(|files| files.get(0)) {
            taker.take(file);
        }
    });
    on_cleanup(move || {
        enter.remove();
        over.remove();
        leave.remove();
        drop.remove();
    });
    let text = move || match at.get().function {
        Some(function) => format!("Drop to upload a new version of {function}"),
        None => "Drop to upload a component".to_owned(),
    };
    view! {
        <Show when=move || inside.get().is_positive()>
            <div class="drop-cover"><p>{text}</p></div>
        </Show>
    }
}

fn carries_file(event: &DragEvent) -> bool {
    let types = event.data_transfer().map(|data| data.types());
    types.is_some_and(|types| types.iter().any(|kind| kind.unchecked_ref::<web_sys::js_sys::JsString>() == "Files"))
}

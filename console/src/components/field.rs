//! Inputs with their label, their hint and what is wrong with them.

use leptos::{html, prelude::*};

use super::dialog::unique_id;

/// A labelled line of text.
#[component]
pub(crate) fn TextField(
    /// The label: a noun.
    label: &'static str,
    /// The text.
    value: RwSignal<String>,
    /// The `type` of the input; `text` where absent.
    #[prop(default = "text")]
    kind: &'static str,
    /// What the browser may fill in, as `autocomplete` spells it.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What to write, in a sentence.
    #[prop(optional, into)]
    hint: String,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Whether it must not be empty.
    #[prop(optional)]
    required: bool,
    /// Whether it stands for code: names, paths, ids.
    #[prop(optional)]
    mono: bool,
    /// Whether it has the focus when it appears.
    #[prop(optional)]
    autofocus: bool,
    /// Whether it cannot be changed.
    #[prop(optional)]
    readonly: bool,
    /// The fewest characters.
    #[prop(optional)]
    minlength: Option<u32>,
    /// The most characters.
    #[prop(default = 500)]
    maxlength: u32,
) -> impl IntoView {
    let id = unique_id("field");
    let note = format!("{id}-note");
    let node = NodeRef::<html::Input>::new();
    // The attribute works only where the whole page or a dialog opens, not where a part of it appears.
    Effect::new(move |_| {
        if let Some(input) = node.get().filter(|_| autofocus) {
            let _ = input.focus();
        }
    });
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                node_ref=node
                id=id
                type=kind
                class:mono=mono
                autocomplete=autocomplete
                autocapitalize="off"
                spellcheck="false"
                required=required
                autofocus=autofocus
                readonly=readonly
                minlength=minlength
                maxlength=maxlength
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=note.clone()
                bind:value=value
            />
            <Note id=note hint error />
        </div>
    }
}

/// A labelled text of several lines.
#[component]
pub(crate) fn TextArea(
    /// The label: a noun.
    label: &'static str,
    /// The text.
    value: RwSignal<String>,
    /// What to write, in a sentence.
    #[prop(optional, into)]
    hint: String,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Whether it stands for code.
    #[prop(optional)]
    mono: bool,
    /// How many lines it shows.
    #[prop(default = 3)]
    rows: u32,
    /// The most characters.
    #[prop(optional)]
    maxlength: Option<u32>,
) -> impl IntoView {
    let id = unique_id("field");
    let note = format!("{id}-note");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <textarea
                id=id
                class:mono=mono
                rows=rows
                spellcheck="false"
                maxlength=maxlength
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=note.clone()
                bind:value=value
            ></textarea>
            <Note id=note hint error />
        </div>
    }
}

/// A labelled choice among a few.
#[component]
pub(crate) fn Choice(
    /// The label: a noun.
    label: &'static str,
    /// The chosen option's value.
    value: RwSignal<String>,
    /// Values and labels.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// Whether the label is only told, not shown.
    #[prop(optional)]
    quiet: bool,
) -> impl IntoView {
    let id = unique_id("field");
    let items = move || {
        let items = options.get().into_iter().map(|(key, text)| {
            let selected = value.get_untracked() == key;
            view! { <option value=key selected=selected>{text}</option> }
        });
        items.collect_view()
    };
    view! {
        <div class="field">
            <label for=id.clone() class:hidden=quiet>{label}</label>
            <select id=id prop:value=move || value.get() on:change=move |event| value.set(event_target_value(&event))>
                {items}
            </select>
        </div>
    }
}

/// What stands below an input: what is wrong with it, else its hint.
#[component]
fn Note(id: String, hint: String, error: Signal<Option<String>>) -> impl IntoView {
    let text = move || error.get().unwrap_or_else(|| hint.clone());
    view! {
        <p id=id class="note" class:failed=move || error.with(Option::is_some) aria-live="polite">{text}</p>
    }
}

//! What differs between two deployments or two versions: side by side.

use leptos::prelude::*;
use wire::{Change, DeploymentChanges};

/// Only what differs has rows and colour; the rest is one line.
#[component]
pub(crate) fn ChangesView(
    /// What would change.
    changes: DeploymentChanges,
    /// What stands above the two columns; now and after, where absent.
    #[prop(optional, into)]
    title: Option<(String, String)>,
) -> impl IntoView {
    let (now, after) = title.unwrap_or_else(|| {
        (format!("Now, deployment {}", changes.from), format!("After, as deployment {}", changes.to))
    });
    let (differ, same): (Vec<Change>, Vec<Change>) = changes.changes.into_iter().partition(|change| change.changed);
    let same: Vec<String> = same.iter().map(|change| words(&change.field)).collect();
    let same = (!same.is_empty()).then(|| {
        view! { <p class="muted unchanged">"Does not change: " {same.join(", ")} "."</p> }
    });
    if differ.is_empty() {
        return view! { <p>"Nothing differs."</p> {same} }.into_any();
    }
    let rows = differ.into_iter().map(|change| {
        view! {
            <tr>
                <th scope="row">{capital(&words(&change.field))}</th>
                <td data-label="Now" class="now"><Value text=change.now /></td>
                <td data-label="After" class="after"><Value text=change.after /></td>
            </tr>
        }
    });
    view! {
        <table class="changes">
            <thead>
                <tr>
                    <th scope="col"><span class="hidden">"What"</span></th>
                    <th scope="col">{now}</th>
                    <th scope="col">{after}</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
        {same}
    }
    .into_any()
}

/// A value, or a word where there is none.
#[component]
fn Value(text: String) -> impl IntoView {
    if text.is_empty() {
        view! { <span class="muted">"none"</span> }.into_any()
    } else {
        view! { <span class="value">{text}</span> }.into_any()
    }
}

/// A field of the API in words: `variables.GREETING` gives `variable GREETING`.
fn words(field: &str) -> String {
    match field.split_once('.') {
        Some(("variables", name)) => format!("variable {name}"),
        Some((group, name)) => format!("{group} {name}").replace('_', " "),
        None => field.replace('_', " "),
    }
}

/// The text with its first letter in capitals.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

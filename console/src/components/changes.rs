//! What differs between two deployments or two versions: side by side.

use leptos::prelude::*;
use wire::{Change, DeploymentChanges, Limits};

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
    let same = unchanged(&same, differ.iter().any(|change| change.field.starts_with("limits.")));
    let same = (!same.is_empty()).then(|| {
        view! { <p class="muted unchanged">"Does not change: " {same} "."</p> }
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

/// A field of the API in words, with its unit: `variables.GREETING` gives `variable GREETING`.
fn words(field: &str) -> String {
    match field.split_once('.') {
        Some(("limits", name)) => match Limits::ALL.iter().find(|limit| limit.name == name) {
            Some(limit) if limit.unit.is_empty() => format!("limit {}", limit.label),
            Some(limit) => format!("limit {} in {}", limit.label, limit.unit),
            None => format!("limit {name}"),
        },
        Some(("variables", name)) => format!("variable {name}"),
        Some((group, name)) => format!("{group} {name}").replace('_', " "),
        None => field.replace('_', " "),
    }
}

/// What does not change, in words; the limits as one where none of them does.
fn unchanged(same: &[Change], limits_differ: bool) -> String {
    let limits = |change: &&Change| change.field.starts_with("limits.");
    let one_word = !limits_differ && same.iter().any(|change| limits(&change));
    let mut all: Vec<String> =
        same.iter().filter(|change| !(one_word && limits(change))).map(|change| words(&change.field)).collect();
    if one_word {
        all.push("limits".to_owned());
    }
    all.join(", ")
}

/// The text with its first letter in capitals.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

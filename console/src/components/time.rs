//! Points in time.

use leptos::prelude::*;
use wire::Timestamp;

use crate::{browser, format, remote::Beat};

/// How long ago something was, with date and time for those who point at it.
#[component]
pub(crate) fn When(
    /// When it was.
    at: Timestamp,
) -> impl IntoView {
    let beat = use_context::<Beat>();
    let text = move || {
        if let Some(beat) = beat {
            beat.track();
        }
        format::relative(at, browser::now_us())
    };
    view! { <time datetime=format::machine(at) title=format::absolute(at)>{text}</time> }
}

/// Date and time, and how long ago that was.
#[component]
pub(crate) fn WhenInFull(
    /// When it was.
    at: Timestamp,
) -> impl IntoView {
    view! { <span class="when"><span class="number">{format::absolute(at)}</span> " · " <When at /></span> }
}

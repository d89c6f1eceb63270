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

/// The local date and time, that of UTC, and how far it is from now.
#[component]
pub(crate) fn WhenBoth(
    /// When it is.
    at: Timestamp,
) -> impl IntoView {
    let (here, there) = (format::absolute(at), format::utc(at));
    // Where the browser's clock shows UTC, it is told once.
    let there = (here != there).then(|| view! { <span class="number">{there}</span> " " });
    view! {
        <span class="when-both">
            <span class="number">{here}</span>
            <span class="second">{there} "UTC · " <When at /></span>
        </span>
    }
}

/// Date and time, and how long ago that was.
#[component]
pub(crate) fn WhenInFull(
    /// When it was.
    at: Timestamp,
) -> impl IntoView {
    view! { <span class="when"><span class="number">{format::absolute(at)}</span> " · " <When at /></span> }
}

//! The lamp: what is live now.

use leptos::prelude::*;
use wire::{Deployment, Trigger, Version, VersionState};

use super::icon::{Glyph, Icon};
use crate::format;

/// A lit lamp with the word "live" and what it lights.
#[component]
pub(crate) fn Lamp(
    /// What is live, such as `v7`.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    view! { <span class="lamp"><span class="lamp-light" aria-hidden="true"></span> "live " {what}</span> }
}

/// What a function's traffic does, in a few words: lamp and versions, or that it was never deployed.
#[component]
pub(crate) fn LiveState(
    /// The live deployment.
    live: Option<Deployment>,
) -> impl IntoView {
    match live {
        Some(live) => view! { <Lamp what=format::split(&live.versions) /> }.into_any(),
        None => view! { <span class="state muted">"not deployed"</span> }.into_any(),
    }
}

/// Where a version stands, in words beside a sign and a colour.
#[component]
pub(crate) fn VersionStateLabel(
    /// The version.
    version: Version,
) -> impl IntoView {
    if version.live {
        return view! { <Lamp what="" /> }.into_any();
    }
    let (class, glyph, word) = match version.state {
        VersionState::Preparing => ("state waiting", Glyph::Wait, "preparing"),
        VersionState::Ready => ("state ok", Glyph::Check, "ready"),
        VersionState::Failed => ("state failed", Glyph::Warning, "failed"),
    };
    view! { <span class=class><Icon glyph /> {word}</span> }.into_any()
}

/// Triggers as chips, the first three of them.
#[component]
pub(crate) fn TriggerChips(
    /// The triggers.
    triggers: Vec<Trigger>,
) -> impl IntoView {
    const SHOWN: usize = 3;
    let more = triggers.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| view! { <span class="chip">"and " {more} " more"</span> });
    let chips = triggers.iter().take(SHOWN).map(|trigger| {
        view! { <span class="chip mono">{format::trigger(trigger)}</span> }
    });
    view! { <span class="chips">{chips.collect_view()} {more}</span> }
}

//! The notice over data that could not be loaded anew.

use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon},
    time::When,
};
use crate::api::Error;

/// Says that what is on show is old, since when, why, and offers to try again.
#[component]
pub(crate) fn StaleNotice(
    /// Why loading failed.
    error: Error,
    /// When what is on show was loaded.
    since: wire::Timestamp,
    /// Tries again.
    #[prop(into)]
    retry: Callback<()>,
) -> impl IntoView {
    view! {
        <div class="notice waiting" role="status">
            <Icon glyph=Glyph::Warning />
            <span>{error.title()} ". This is how it was " <When at=since /> "."</span>
            <button type="button" class="button small" on:click=move |_| retry.run(())>"Retry"</button>
        </div>
    }
}

//! Failures, shown where they happened.

use leptos::prelude::*;

use super::{
    copy::CopyButton,
    icon::{Glyph, Icon},
};
use crate::{api::Error, order::Order};

/// What failed, why, the request's id and a way to try again.
#[component]
pub(crate) fn ErrorCard(
    /// The failure.
    error: Error,
    /// Tries again; without it there is no such button.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
) -> impl IntoView {
    let fields = error.fields();
    let only_its_detail = fields.iter().all(|(_, message)| error.detail().contains(message.as_str()));
    let list = (!only_its_detail).then(|| {
        let items = fields.into_iter().map(|(field, message)| view! { <li><code>{field}</code>" " {message}</li> });
        view! { <ul>{items.collect_view()}</ul> }
    });
    let id = error.request_id().map(str::to_owned).map(|id| {
        view! {
            <p class="request-id">
                "Request " <code>{id.clone()}</code> <CopyButton text=id what="the request id" />
            </p>
        }
    });
    let retry = retry.map(|retry| {
        view! { <button type="button" class="button" on:click=move |_| retry.run(())>"Retry"</button> }
    });
    view! {
        <div class="card failed" role="alert">
            <p class="card-title"><Icon glyph=Glyph::Warning /> {error.title()}</p>
            <p>{error.detail()}</p>
            {list}
            {id}
            {retry}
        </div>
    }
}

/// How an order failed, where it did.
#[component]
pub(crate) fn OrderError(
    /// The order.
    order: Order,
) -> impl IntoView {
    move || order.error().map(|error| view! { <ErrorCard error /> })
}

//! The frame of the forms that order something from the server.

use leptos::{ev::SubmitEvent, prelude::*};

use super::{
    cli::SameAsCli,
    error::OrderError,
    icon::{Glyph, Icon},
};
use crate::order::Order;

/// A form with its inputs, how its order failed, its button, and the command that does the same.
#[component]
pub(crate) fn OrderForm(
    /// The order that the form gives.
    order: Order,
    /// What the button says: a verb.
    #[prop(into)]
    action: Signal<String>,
    /// Gives the order.
    #[prop(into)]
    on_submit: Callback<()>,
    /// The button's look, as the style sheets name it.
    #[prop(default = "button primary")]
    look: &'static str,
    /// The button's icon; while the order is under way, it shows that.
    #[prop(optional)]
    glyph: Option<Glyph>,
    /// Whether the form may not be sent as it is.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Whether it is as wide as its place.
    #[prop(optional)]
    wide: bool,
    /// What stands beside the button.
    #[prop(optional)]
    beside: Option<AnyView>,
    /// The command line that does the same.
    #[prop(optional, into)]
    command: Option<Signal<String>>,
    /// The inputs, and what is said above and between them.
    children: Children,
) -> impl IntoView {
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        on_submit.run(());
    };
    let icon = glyph.map(|glyph| {
        move || {
            let glyph = if order.is_busy() { Glyph::Wait } else { glyph };
            view! { <Icon glyph /> }
        }
    });
    view! {
        <form class="form" class:wide=wide on:submit=on_submit>
            {children()}
            <OrderError order />
            <div class="actions">
                <button type="submit" class=look disabled=move || order.is_busy() || disabled.get()>{icon} {action}</button>
                {beside}
            </div>
            {command.map(|command| view! { <SameAsCli command /> })}
        </form>
    }
}

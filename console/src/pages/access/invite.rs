//! Letting a person into a project.

use leptos::prelude::*;
use wire::{AddMember, Invitation, Role};

use super::members::roles;
use crate::{
    api::Api,
    components::{
        copy::CodeLine,
        dialog::Dialog,
        field::{Choice, TextField},
        form::OrderForm,
        time::When,
    },
    order::Order,
};

/// Asks for email and role; then shows the link to send, once.
#[component]
pub(super) fn InviteDialog(
    /// The project's name.
    project: String,
    /// Called when it is closed.
    on_close: impl Fn() + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let api = Api::here();
    let email = RwSignal::new(String::new());
    let role = RwSignal::new(Role::Deployer.as_str().to_owned());
    let invitation = RwSignal::new(None::<Invitation>);
    let order = Order::new();
    let project = StoredValue::new(project);
    let on_submit = move || {
        let Ok(role) = role.get_untracked().parse::<Role>() else { return };
        let body = AddMember { email: email.get_untracked(), role };
        let project = project.get_value();
        order.run(api.add_member(&project, &body), move |made| invitation.set(Some(made)));
    };
    let body = move || {
        match invitation.get() {
        None => view! {
            <OrderForm order action="Invite" on_submit>
                <TextField
                    label="Email"
                    value=email
                    kind="email"
                    error=Signal::derive(move || order.field_error("email"))
                    required=true
                    autofocus=true
                    maxlength=254
                />
                <Choice label="Role" value=role options=roles() />
            </OrderForm>
        }
        .into_any(),
        Some(Invitation { link: Some(link), expires_at_us }) => view! {
            <p>"Send this link to " <strong>{email}</strong> ". It lets one person in, once, and is not shown again."</p>
            <CodeLine text=link what="the link" />
            {expires_at_us.map(|at| view! { <p class="muted">"It ends " <When at /> "."</p> })}
        }
        .into_any(),
        Some(Invitation { link: None, .. }) => {
            view! { <p role="status"><strong>{email}</strong> " had an account and is a member now."</p> }.into_any()
        }
    }
    };
    view! { <Dialog title="Invite" on_close>{body}</Dialog> }
}

//! An invitation's page: makes an account in a project that someone invited to.

use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};
use wire::{AcceptInvitation, InvitationPreview};

use super::door::Door;
use crate::{
    api::Api,
    components::{field::TextField, form::OrderForm, time::When},
    order::Order,
    place,
    remote::Remote,
};

/// Says what the invitation is for and asks for name and password.
#[component]
pub(crate) fn JoinPage() -> impl IntoView {
    let api = Api::here();
    let query = use_query_map();
    let token = Memo::new(move |_| query.with(|map| map.get("token").unwrap_or_default()));
    let invitation = Remote::new(move || token.get(), move |token| api.find_invitation(&token));
    let title = move || match invitation.get().and_then(|invitation| invitation.project) {
        Some(project) => format!("Join {project}"),
        None => "Join".to_owned(),
    };
    view! {
        <Door title=Signal::derive(title)>
            {invitation.view("the invitation", move |invitation| {
                view! { <JoinForm invitation token=token.get_untracked() /> }
            })}
        </Door>
    }
}

/// The form of the invited person.
#[component]
fn JoinForm(invitation: InvitationPreview, token: String) -> impl IntoView {
    let api = Api::here();
    let name = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let email = RwSignal::new(invitation.email.unwrap_or_default());
    let order = Order::new();
    let navigate = use_navigate();
    let wrong = move |field: &'static str| Signal::derive(move || order.field_error(field));
    let project = invitation.project.clone();
    let on_submit = move || {
        let body = AcceptInvitation {
            token: token.clone(),
            name: name.get_untracked(),
            email: email.get_untracked(),
            password: password.get_untracked(),
            project: None,
        };
        let navigate = navigate.clone();
        let project = project.clone();
        order.run(api.accept_invitation(body), move |first| {
            let to = project.or(first).map_or_else(|| "/".to_owned(), |project| place::functions(&project));
            navigate(&to, Default::default());
        });
    };
    view! {
        <p>
            "You were invited as " <strong>{invitation.role.as_str()}</strong> ". The link ends "
            <When at=invitation.expires_at_us /> "."
        </p>
        <OrderForm order action="Join" on_submit>
            <TextField label="Email" value=email kind="email" autocomplete="username" error=wrong("email") readonly=true />
            <TextField label="Name" value=name autocomplete="name" error=wrong("name") required=true autofocus=true maxlength=80 />
            <TextField
                label="Password"
                value=password
                kind="password"
                autocomplete="new-password"
                hint="At least 12 characters. A few words do well."
                error=wrong("password")
                required=true
                minlength=12
                maxlength=200
            />
        </OrderForm>
    }
}

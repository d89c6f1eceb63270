//! The set-up link's page: makes the first owner and the first project.

use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};
use wire::AcceptInvitation;

use super::door::Door;
use crate::{
    api::Api,
    components::{field::TextField, form::OrderForm},
    order::Order,
    place,
    remote::Remote,
};

/// Asks for name, email and password, and says what happens next.
#[component]
pub(crate) fn SetUpPage() -> impl IntoView {
    let api = Api::here();
    let query = use_query_map();
    let token = Memo::new(move |_| query.with(|map| map.get("token").unwrap_or_default()));
    let invitation = Remote::new(move || token.get(), move |token| api.find_invitation(&token));
    view! {
        <Door title="Set up Dormouse">
            {invitation.view("the invitation", move |_| view! { <SetUpForm token=token.get_untracked() /> })}
        </Door>
    }
}

/// The form of the first owner.
#[component]
fn SetUpForm(token: String) -> impl IntoView {
    let api = Api::here();
    let text = || RwSignal::new(String::new());
    let (name, email, password) = (text(), text(), text());
    let project = RwSignal::new("demo".to_owned());
    let order = Order::new();
    let navigate = use_navigate();
    let wrong = move |field: &'static str| Signal::derive(move || order.field_error(field));
    let on_submit = move || {
        let body = AcceptInvitation {
            token: token.clone(),
            name: name.get_untracked(),
            email: email.get_untracked(),
            password: password.get_untracked(),
            project: Some(project.get_untracked()),
        };
        let navigate = navigate.clone();
        order.run(api.accept_invitation(body), move |project| {
            let to = project.map_or_else(|| "/".to_owned(), |project| place::functions(&project));
            navigate(&to, Default::default());
        });
    };
    view! {
        <p>"You become the owner of this platform. Next you see your first project, ready for its first function."</p>
        <OrderForm order action="Set up" on_submit>
            <TextField label="Name" value=name autocomplete="name" error=wrong("name") required=true autofocus=true maxlength=80 />
            <TextField label="Email" value=email kind="email" autocomplete="username" error=wrong("email") required=true maxlength=254 />
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
            <TextField
                label="First project"
                value=project
                hint="Small letters, digits and -. It becomes part of your functions' addresses."
                error=wrong("project")
                required=true
                mono=true
                maxlength=48
            />
        </OrderForm>
    }
}

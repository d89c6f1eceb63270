//! Who may pass: the sign-in, shown at whichever address a stranger came to.

use leptos::{prelude::*, task::spawn_local};
use leptos_router::components::Outlet;
use wire::SignIn;

use super::door::Door;
use crate::{
    account::{Account, Seat},
    api::Api,
    components::{error::ErrorCard, field::TextField, form::OrderForm, loading::Loading},
    order::Order,
};

/// What a person sees of the door.
#[derive(Clone, PartialEq)]
enum View {
    Loading,
    SignIn,
    Inside,
    Failed(crate::api::Error),
}

/// Shows the page of the address to those who signed in, and to others the way to do so.
#[component]
pub(crate) fn Gate() -> impl IntoView {
    let account = expect_context::<Account>();
    let api = Api::here();
    if untrack(|| account.seat()) == Seat::Unknown {
        spawn_local(api.find_session());
    }
    let view = Memo::new(move |_| match account.seat() {
        Seat::Unknown => View::Loading,
        Seat::Nobody => View::SignIn,
        Seat::Taken(_) => View::Inside,
        Seat::Failed(error) => View::Failed(error),
    });
    move || match view.get() {
        View::Loading => view! { <main id="main" class="alone"><Loading what="the session" /></main> }.into_any(),
        View::SignIn => view! { <SignInPage /> }.into_any(),
        View::Inside => view! { <Outlet /> }.into_any(),
        View::Failed(error) => {
            let retry = move || spawn_local(api.find_session());
            view! { <main id="main" class="alone"><ErrorCard error retry /></main> }.into_any()
        }
    }
}

/// Asks for email and password.
#[component]
fn SignInPage() -> impl IntoView {
    let api = Api::here();
    let (email, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let order = Order::new();
    let waits_for_owner = RwSignal::new(false);
    spawn_local(async move {
        let open = api.find_set_up().await.is_ok_and(|set_up| set_up.open);
        let _ = waits_for_owner.try_set(open);
    });
    let on_submit = move || {
        let body = SignIn { email: email.get_untracked(), password: password.get_untracked() };
        order.run(api.sign_in(body), |()| {});
    };
    view! {
        <Door title="Sign in">
            <Show when=move || waits_for_owner.get()>
                <div class="notice">
                    "The platform has no owner yet. Open the set-up link that it printed when it started."
                </div>
            </Show>
            <OrderForm order action="Sign in" on_submit>
                <TextField label="Email" value=email kind="email" autocomplete="username" required=true autofocus=true maxlength=254 />
                <TextField label="Password" value=password kind="password" autocomplete="current-password" required=true maxlength=200 />
            </OrderForm>
            <p class="muted">"No account? An owner of a project can send you an invitation."</p>
        </Door>
    }
}

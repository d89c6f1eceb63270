//! Making a token, and showing its secret the one time that it can be seen.

use leptos::prelude::*;
use wire::{Action, CreateToken, CreatedToken};

use crate::{
    account::Account,
    api::Api,
    components::{
        cli::quoted,
        copy::CodeLine,
        dialog::Dialog,
        field::{Choice, TextField},
        form::OrderForm,
        icon::{Glyph, Icon},
        time::When,
    },
    order::Order,
};

/// What a token for CI needs, which stands chosen at first.
const USUAL: [Action; 6] = [
    Action::ProjectRead,
    Action::FunctionRead,
    Action::FunctionCreate,
    Action::VersionCreate,
    Action::DeploymentCreate,
    Action::DeploymentRollBack,
];

/// How long a token can last.
struct Lifetime {
    seconds: &'static str,
    words: &'static str,
    /// As the command line takes it.
    short: &'static str,
}

/// What is offered.
const LIFETIMES: [Lifetime; 5] = [
    Lifetime { seconds: "3600", words: "1 hour", short: "1h" },
    Lifetime { seconds: "86400", words: "1 day", short: "1d" },
    Lifetime { seconds: "2592000", words: "30 days", short: "30d" },
    Lifetime { seconds: "7776000", words: "90 days", short: "90d" },
    Lifetime { seconds: "31536000", words: "1 year", short: "365d" },
];

/// Asks for name, actions and lifetime.
#[component]
pub(super) fn NewTokenDialog(
    /// The project's name.
    project: String,
    /// Called with the new token.
    on_created: impl Fn(CreatedToken) + Copy + Send + Sync + 'static,
    /// Called when it is closed.
    on_close: impl Fn() + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let api = Api::here();
    let account = expect_context::<Account>();
    let name = RwSignal::new(String::new());
    let lifetime = RwSignal::new("7776000".to_owned());
    let allowed: Vec<Action> =
        untrack(|| Action::ALL.iter().copied().filter(|action| account.may(&project, *action)).collect());
    let actions = RwSignal::new(allowed.iter().copied().filter(|action| USUAL.contains(action)).collect::<Vec<_>>());
    let order = Order::new();
    let boxes = allowed.into_iter().map(|action| {
        let change = move |event| {
            let chosen = event_target_checked(&event);
            actions.update(|actions| {
                actions.retain(|other| *other != action);
                if chosen {
                    actions.push(action);
                }
            });
        };
        view! {
            <label class="check">
                <input type="checkbox" prop:checked=move || actions.with(|all| all.contains(&action)) on:change=change />
                <span class="mono">{action.as_str()}</span>
            </label>
        }
    });
    let boxes = boxes.collect_view();
    let target = project.clone();
    let command = Signal::derive(move || {
        let actions: Vec<_> = actions.get().iter().map(|action| action.as_str()).collect();
        let span = LIFETIMES.iter().find(|known| known.seconds == lifetime.get()).map_or("90d", |known| known.short);
        format!(
            "dormouse tokens create {} --actions {} --expires-in {span} --project {target}",
            quoted(&name.get()),
            actions.join(",")
        )
    });
    let on_submit = move || {
        let body = CreateToken {
            name: name.get_untracked(),
            actions: actions.get_untracked(),
            expires_in_s: lifetime.get_untracked().parse().ok(),
        };
        let project = project.clone();
        order.run(api.create_token(&project, &body), on_created);
    };
    let lifetimes: Vec<(String, String)> =
        LIFETIMES.iter().map(|known| (known.seconds.to_owned(), known.words.to_owned())).collect();
    view! {
        <Dialog title="New token" on_close>
            <OrderForm order action="Create" on_submit disabled=move || actions.with(Vec::is_empty) command>
                <TextField
                    label="Name"
                    value=name
                    hint="What uses it, such as ci."
                    error=Signal::derive(move || order.field_error("name"))
                    required=true
                    autofocus=true
                    maxlength=80
                />
                <fieldset class="checks">
                    <legend>"May"</legend>
                    {boxes}
                </fieldset>
                <Choice label="Ends after" value=lifetime options=lifetimes />
            </OrderForm>
        </Dialog>
    }
}

/// A new token's secret. It is gone for good when this is closed.
#[component]
pub(super) fn SecretCard(
    /// The token with its secret.
    token: CreatedToken,
    /// Called when the person has it.
    on_close: impl Fn() + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <div class="card ok" role="status">
            <p class="card-title"><Icon glyph=Glyph::Check /> {token.token.name.clone()} " is made"</p>
            <p>"Copy its secret now: it is not shown again. It ends " <When at=token.token.expires_at_us /> "."</p>
            <CodeLine text=token.secret.clone() what="the secret" />
            <p class="muted">"For the command line and for curl:"</p>
            <CodeLine text=format!("export DORMOUSE_TOKEN={}", token.secret) what="the export line" />
            <div class="actions">
                <button type="button" class="button" on:click=move |_| on_close()>"I have copied it"</button>
            </div>
        </div>
    }
}

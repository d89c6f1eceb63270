//! A project's tokens: what machines come in with.

use leptos::prelude::*;
use wire::{Action, CreatedToken, Page, Token};

use super::new_token::{NewTokenDialog, SecretCard};
use crate::{
    account::Account,
    api::Api,
    components::{cli::SameAsCli, dialog::Dialog, error::OrderError, more::More, time::When},
    order::Order,
    pages::parameter,
    remote::Remote,
    toasts::Toasts,
};

/// The page.
#[component]
pub(crate) fn TokensPage() -> impl IntoView {
    let api = Api::here();
    let account = expect_context::<Account>();
    let project = parameter("project");
    let may = Memo::new(move |_| account.may(&project.get(), Action::TokenManage));
    move || {
        if !may.get() {
            return view! { <p class="notice">"Only owners of a project see and make its tokens."</p> }.into_any();
        }
        let pages = RwSignal::new(1);
        let tokens =
            Remote::new(move || (project.get(), pages.get()), move |(project, pages)| api.list_tokens(&project, pages));
        view! { <Tokens project tokens pages /> }.into_any()
    }
}

/// The list with the way to a new one.
#[component]
fn Tokens(project: Memo<String>, tokens: Remote<Page<Token>>, pages: RwSignal<u32>) -> impl IntoView {
    let creating = RwSignal::new(false);
    let created = RwSignal::new(None::<CreatedToken>);
    let on_created = move |token| {
        creating.set(false);
        created.set(Some(token));
        tokens.reload();
    };
    let secret = move || created.get().map(|token| view! { <SecretCard token on_close=move || created.set(None) /> });
    let command = Signal::derive(move || {
        format!("dormouse tokens create ci --actions version:create,deployment:create --project {}", project.get())
    });
    view! {
        <div class="section-head">
            <h2>"Tokens"</h2>
            <span class="grow"></span>
            <button type="button" class="button primary" on:click=move |_| creating.set(true)>"New token"</button>
        </div>
        {secret}
        {tokens.view("tokens", move |page| {
            if page.items.is_empty() {
                view! { <p class="muted">"There is no token yet. Make one for CI or for the command line: it does only what you allow, and ends by itself."</p> }
                    .into_any()
            } else {
                view! { <TokenTable project tokens page pages /> }.into_any()
            }
        })}
        <SameAsCli command />
        <Show when=move || creating.get()>
            <NewTokenDialog project=project.get_untracked() on_created on_close=move || creating.set(false) />
        </Show>
    }
}

/// The table of tokens.
#[component]
fn TokenTable(
    project: Memo<String>,
    tokens: Remote<Page<Token>>,
    page: Page<Token>,
    pages: RwSignal<u32>,
) -> impl IntoView {
    let more = page.next_cursor.is_some();
    let revoking = RwSignal::new(None::<Token>);
    let rows = page.items.into_iter().map(|token| view! { <TokenRow token revoking /> });
    let rows = rows.collect_view();
    let dialog = move || {
        revoking.get().map(|token| view! { <RevokeDialog project=project.get_untracked() token tokens revoking /> })
    };
    view! {
        <table class="list">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"May"</th>
                    <th scope="col">"Made"</th>
                    <th scope="col">"Last used"</th>
                    <th scope="col">"Ends"</th>
                    <th scope="col"><span class="hidden">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <More there_is=more pages />
        {dialog}
    }
}

/// One token.
#[component]
fn TokenRow(token: Token, revoking: RwSignal<Option<Token>>) -> impl IntoView {
    let actions = token.actions.iter().map(|action| view! { <span class="chip mono">{action.as_str()}</span> });
    let used = match token.last_used_at_us {
        Some(at) => view! { <When at /> }.into_any(),
        None => view! { <span class="muted">"never"</span> }.into_any(),
    };
    let label = format!("Revoke {}", token.name);
    let revoked = token.clone();
    view! {
        <tr>
            <th scope="row">{token.name.clone()} <span class="second"><code>{token.id.clone()}</code></span></th>
            <td data-label="May"><span class="chips">{actions.collect_view()}</span></td>
            <td data-label="Made"><When at=token.created_at_us /> <span class="muted">" by " {token.created_by.clone()}</span></td>
            <td data-label="Last used">{used}</td>
            <td data-label="Ends"><When at=token.expires_at_us /></td>
            <td class="row-actions">
                <button type="button" class="button small" aria-label=label on:click=move |_| revoking.set(Some(revoked.clone()))>
                    "Revoke"
                </button>
            </td>
        </tr>
    }
}

/// Asks once more before a token ends.
#[component]
fn RevokeDialog(
    project: String,
    token: Token,
    tokens: Remote<Page<Token>>,
    revoking: RwSignal<Option<Token>>,
) -> impl IntoView {
    let (api, toasts) = (Api::here(), expect_context::<Toasts>());
    let order = Order::new();
    let (id, name) = (token.id.clone(), token.name.clone());
    let command = format!("dormouse tokens revoke {id} --project {project}");
    let revoke = move |_| {
        let (project, id, name) = (project.clone(), id.clone(), name.clone());
        order.run(api.delete_token(&project, &id), move |()| {
            revoking.set(None);
            tokens.reload();
            toasts.say(format!("{name} is revoked."));
        });
    };
    view! {
        <Dialog title=format!("Revoke {}", token.name) on_close=move || revoking.set(None)>
            <p>"Whatever uses this token is turned away from its next request on."</p>
            <OrderError order />
            <div class="actions">
                <button type="button" class="button danger" disabled=move || order.is_busy() on:click=revoke>"Revoke"</button>
            </div>
            <SameAsCli command />
        </Dialog>
    }
}

//! The people of a project.

use leptos::{prelude::*, task::spawn_local};
use wire::{Action, Member, Page, Role};

use super::invite::InviteDialog;
use crate::{
    account::Account,
    api::Api,
    components::{dialog::Dialog, error::OrderError, field::Choice, more::More, time::When},
    order::Order,
    pages::parameter,
    remote::Remote,
    toasts::Toasts,
};

/// The page.
#[component]
pub(crate) fn MembersPage() -> impl IntoView {
    let api = Api::here();
    let account = expect_context::<Account>();
    let project = parameter("project");
    let pages = RwSignal::new(1);
    let members =
        Remote::new(move || (project.get(), pages.get()), move |(project, pages)| api.list_members(&project, pages));
    let may = Memo::new(move |_| account.may(&project.get(), Action::MemberManage));
    let inviting = RwSignal::new(false);
    let invite = move || {
        may.get().then(|| {
            view! { <button type="button" class="button primary" on:click=move |_| inviting.set(true)>"Invite"</button> }
        })
    };
    let on_close = move || {
        inviting.set(false);
        members.reload();
    };
    view! {
        <div class="section-head">
            <h2>"Members"</h2>
            <span class="grow"></span>
            {invite}
        </div>
        {members.view("members", move |page| view! { <MemberTable project members page pages may=may.get() /> })}
        <Show when=move || inviting.get()>
            <InviteDialog project=project.get_untracked() on_close />
        </Show>
    }
}

/// The table of members.
#[component]
fn MemberTable(
    project: Memo<String>,
    members: Remote<Page<Member>>,
    page: Page<Member>,
    pages: RwSignal<u32>,
    may: bool,
) -> impl IntoView {
    let more = page.next_cursor.is_some();
    let order = Order::new();
    let removing = RwSignal::new(None::<Member>);
    let rows = page.items.into_iter().map(|member| {
        view! { <MemberRow project members member may order removing /> }
    });
    let rows = rows.collect_view();
    let dialog = move || removing.get().map(|member| view! { <RemoveDialog project members member removing /> });
    view! {
        <OrderError order />
        <table class="list">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"Email"</th>
                    <th scope="col">"Role"</th>
                    <th scope="col">"Since"</th>
                    <th scope="col"><span class="hidden">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <More there_is=more pages />
        {dialog}
    }
}

/// One member.
#[component]
fn MemberRow(
    project: Memo<String>,
    members: Remote<Page<Member>>,
    member: Member,
    may: bool,
    order: Order,
    removing: RwSignal<Option<Member>>,
) -> impl IntoView {
    let (api, account, toasts) = (Api::here(), expect_context::<Account>(), expect_context::<Toasts>());
    let own = untrack(|| account.id()) == member.id;
    let role = if may {
        let value = RwSignal::new(member.role.as_str().to_owned());
        let (id, name) = (member.id.clone(), member.name.clone());
        Effect::new(move |before: Option<Role>| {
            let Ok(role) = value.get().parse::<Role>() else { return member.role };
            if before.is_some_and(|before| before != role) {
                let (project, id, text) = (project.get_untracked(), id.clone(), format!("{name} is {role} now."));
                order.run(api.change_member(&project, &id, role), move |_| {
                    members.reload();
                    toasts.say(text);
                    // It may be the person's own role, which decides what the console offers.
                    spawn_local(api.find_session());
                });
            }
            role
        });
        view! { <Choice label="Role" value options=roles() quiet=true /> }.into_any()
    } else {
        view! { <span>{member.role.as_str()}</span> }.into_any()
    };
    let remove = may.then(|| {
        let (removed, label) = (member.clone(), format!("Remove {}", member.name));
        view! {
            <button type="button" class="button small" aria-label=label on:click=move |_| removing.set(Some(removed.clone()))>
                "Remove"
            </button>
        }
    });
    view! {
        <tr>
            <th scope="row">{member.name.clone()} " " {own.then(|| view! { <span class="chip">"you"</span> })}</th>
            <td data-label="Email">{member.email.clone()}</td>
            <td data-label="Role">{role}</td>
            <td data-label="Since"><When at=member.created_at_us /></td>
            <td class="row-actions">{remove}</td>
        </tr>
    }
}

/// Asks once more before a person loses a project.
#[component]
fn RemoveDialog(
    project: Memo<String>,
    members: Remote<Page<Member>>,
    member: Member,
    removing: RwSignal<Option<Member>>,
) -> impl IntoView {
    let (api, toasts) = (Api::here(), expect_context::<Toasts>());
    let order = Order::new();
    let title = format!("Remove {}", member.name);
    let remove = move |_| {
        let (project, member) = (project.get_untracked(), member.clone());
        let text = format!("{} is no longer a member.", member.name);
        order.run(api.delete_member(&project, &member.id), move |()| {
            removing.set(None);
            members.reload();
            toasts.say(text);
            spawn_local(api.find_session());
        });
    };
    view! {
        <Dialog title on_close=move || removing.set(None)>
            <p>"They lose this project at once. Their account and what they made stay."</p>
            <OrderError order />
            <div class="actions">
                <button type="button" class="button danger" disabled=move || order.is_busy() on:click=remove>"Remove"</button>
            </div>
        </Dialog>
    }
}

/// All roles as options, each with what it may do.
pub(super) fn roles() -> Vec<(String, String)> {
    let words = |role: Role| match role {
        Role::Owner => "owner: everything",
        Role::Deployer => "deployer: create, upload, deploy",
        Role::Operator => "operator: call, roll back",
        Role::Reader => "reader: look",
    };
    Role::ALL.iter().map(|role| (role.as_str().to_owned(), words(*role).to_owned())).collect()
}

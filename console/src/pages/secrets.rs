//! A project's secrets: names, versions and who reads them, never a value.

mod delete;
mod write;

use leptos::prelude::*;
use wire::{Action, Page, Secret, SecretVersion};

use self::{delete::DeleteDialog, write::WriteDialog};
use super::{parameter, queues::row_link};
use crate::{
    account::Account,
    api::Api,
    components::{
        cli::SameAsCli,
        copy::CodeLine,
        header::PageHeader,
        icon::{Glyph, Icon},
        more::More,
        table::{Column, nothing, row, state, table, teach},
        time::When,
    },
    format, place,
    remote::Remote,
};

/// What lies over the list.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Over {
    /// Writing a value: of that secret, or of another one.
    Write(Option<String>),
    /// Asking for that secret's name before it goes.
    Delete(String),
}

/// The list, or for a project without secrets how to have one.
#[component]
pub(crate) fn SecretsPage() -> impl IntoView {
    let api = Api::here();
    let account = expect_context::<Account>();
    let project = parameter("project");
    let pages = RwSignal::new(1);
    let over = RwSignal::new(None::<Over>);
    let secrets =
        Remote::new(move || (project.get(), pages.get()), move |(project, pages)| api.list_secrets(&project, pages));
    let may = Memo::new(move |_| account.may(&project.get(), Action::SecretWrite));
    let new = move || {
        may.get().then(|| {
            view! {
                <button type="button" class="button primary" on:click=move |_| over.set(Some(Over::Write(None)))>
                    <Icon glyph=Glyph::Plus />
                    "New secret"
                </button>
            }
        })
    };
    let close = move || over.set(None);
    let dialog = move || {
        let project = project.get_untracked();
        let done = move || secrets.reload();
        Some(match over.get()? {
            Over::Write(name) => view! { <WriteDialog project name done on_close=close /> }.into_any(),
            Over::Delete(name) => view! { <DeleteDialog project name done on_close=close /> }.into_any(),
        })
    };
    view! {
        <PageHeader crumbs=Vec::new() title="Secrets">
            <span class="grow"></span>
            {new}
        </PageHeader>
        {secrets.view("secrets", move |page| {
            let project = project.get_untracked();
            if page.items.is_empty() {
                view! { <SecretsEmpty project /> }.into_any()
            } else {
                view! { <SecretTable project page pages over may=may.get_untracked() /> }.into_any()
            }
        })}
        {dialog}
    }
}

/// What secrets are, and how to have one.
#[component]
fn SecretsEmpty(project: String) -> impl IntoView {
    let set = format!("printf %s \"$API_KEY\" | dormouse secrets set API_KEY --project {project}");
    let steps = teach(&[
        (
            "Write",
            "a value once. It is encrypted on disk, and nobody reads it here again: not you, not an owner, not the API.",
        ),
        (
            "Declare",
            "in dormouse.toml which function may read it: secrets = [\"API_KEY\"]. Others are told that they may not.",
        ),
        (
            "Deploy",
            "binds the newest version. A new value takes effect with the next deployment, and a rollback brings the old one back.",
        ),
    ]);
    view! {
        <div class="empty">
            {steps}
            <h2>"The same from a terminal"</h2>
            <CodeLine text=set what="the command" />
        </div>
    }
}

/// The table of secrets.
#[component]
fn SecretTable(
    project: String,
    page: Page<Secret>,
    pages: RwSignal<u32>,
    over: RwSignal<Option<Over>>,
    may: bool,
) -> impl IntoView {
    let more = page.next_cursor.is_some();
    let command = format!("dormouse secrets list --project {project}");
    let rows = page.items.into_iter().map(|secret| secret_row(&project, secret, over, may)).collect();
    view! { {table(COLUMNS, rows)} <More there_is=more pages /> <SameAsCli command /> }
}

const COLUMNS: &[Column] =
    &[Column::code("Name"), Column::text("Versions"), Column::text("Read by"), Column::actions()];

/// One secret.
fn secret_row(project: &str, secret: Secret, over: RwSignal<Option<Over>>, may: bool) -> AnyView {
    let number = secret.versions.first().map_or(0, |version| version.version);
    let bound = secret.bound.into_iter().map(|binding| {
        let link = row_link(place::function(project, &binding.function, ""), binding.function);
        let reads = format!(" reads version {} ", binding.version);
        let behind =
            (binding.version < number).then(|| state("state waiting", Glyph::Clock, "newest with its next deployment"));
        view! { <li>{link} {reads} {behind}</li> }
    });
    let bound: Vec<_> = bound.collect();
    let bound = if bound.is_empty() {
        nothing("no live function")
    } else {
        view! { <ul class="plain">{bound}</ul> }.into_any()
    };
    let name = secret.name;
    let button = |label: &'static str, told: String, to: Over| {
        view! {
            <button type="button" class="button small" aria-label=told on:click=move |_| over.set(Some(to.clone()))>{label}</button>
        }
    };
    let actions = may.then(|| {
        let write = button("New value", format!("New value of {name}"), Over::Write(Some(name.clone())));
        let delete = button("Delete", format!("Delete {name}"), Over::Delete(name.clone()));
        view! { {write} " " {delete} }
    });
    row(COLUMNS, vec![name.into_any(), versions(&secret.versions), bound, actions.into_any()])
}

/// The newest version, and the older ones folded away.
fn versions(all: &[SecretVersion]) -> AnyView {
    let line = |version: &SecretVersion| {
        let (number, by) = (version.version, format!(" by {}", version.created_by));
        view! { <span class="number">{number}</span> ", " <When at=version.created_at_us /> <span class="muted">{by}</span> }
            .into_any()
    };
    let Some((newest, older)) = all.split_first() else { return nothing("none") };
    let older = (!older.is_empty()).then(|| {
        let count = format::count(older.len(), "older version");
        let lines: Vec<_> = older.iter().map(|version| view! { <li>{line(version)}</li> }).collect();
        view! { <details class="fold"><summary>{count}</summary><ul class="plain">{lines}</ul></details> }
    });
    view! { {line(newest)} {older} }.into_any()
}

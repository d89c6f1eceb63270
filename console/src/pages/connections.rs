//! A project's open WebSocket connections, as many as there are now.

mod close_dialog;
pub(crate) mod connection;
mod frames;

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use wire::{Connection, ConnectionCounts, Page};

use super::{
    parameter,
    queues::{PULSE, row_link},
};
use crate::{
    api::Api,
    components::{
        cli::SameAsCli,
        field::Choice,
        header::PageHeader,
        more::More,
        table::{Column, nothing, row, second, table, teach},
        time::When,
    },
    format, place,
    remote::Remote,
};

/// The list, or for a project without connections how there comes to be one.
#[component]
pub(crate) fn ConnectionsPage() -> impl IntoView {
    let (api, navigate) = (Api::here(), use_navigate());
    let project = parameter("project");
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|map| map.get("function")).unwrap_or_default());
    let pages = RwSignal::new(1);
    let connections = Remote::new(
        move || (project.get(), asked.get(), pages.get()),
        move |(project, function, pages)| api.list_connections(&project, &function, pages),
    );
    let counts = Remote::new(move || project.get(), move |project| api.count_connections(&project));
    connections.every(PULSE);
    counts.every(PULSE);
    let chosen = RwSignal::new(asked.get_untracked());
    Effect::new(move |_| chosen.set(asked.get()));
    Effect::new(move |_| {
        let function = chosen.get();
        if function != asked.get_untracked() {
            let options = NavigateOptions { replace: true, scroll: false, ..Default::default() };
            navigate(&place::connections(&project.get_untracked(), &function), options);
        }
    });
    let functions = Memo::new(move |_| {
        let counts = counts.get().map(|counts| counts.items).unwrap_or_default();
        let mut names: Vec<String> = counts.into_iter().map(|count| count.function).collect();
        names.push(asked.get());
        names.retain(|name| !name.is_empty());
        names.dedup();
        let names = names.into_iter().map(|name| (name.clone(), name));
        std::iter::once((String::new(), "all functions".to_owned())).chain(names).collect::<Vec<_>>()
    });
    let now = move || counts.get().map(|counts| in_all(&counts));
    view! {
        <PageHeader crumbs=Vec::new() title="Connections">{now}</PageHeader>
        {connections.view("connections", move |page| {
            let (project, function) = (project.get_untracked(), asked.get_untracked());
            if page.items.is_empty() && function.is_empty() {
                return view! { <ConnectionsEmpty /> }.into_any();
            }
            view! {
                <Choice label="Function" value=chosen options=functions />
                <ConnectionTable project function page pages />
            }
            .into_any()
        })}
    }
}

/// How many there are now, also by function and version.
fn in_all(counts: &ConnectionCounts) -> AnyView {
    let all: u64 = counts.items.iter().map(|count| count.open).sum();
    let each = counts.items.iter().map(|count| {
        let text = format!("{} {} {}", count.function, count.version, format::grouped(count.open));
        view! { <span class="chip">{text}</span> }
    });
    let each: Vec<_> = each.collect();
    view! { <span class="muted">{format::grouped(all)} " open now"</span> <span class="chips">{each}</span> }.into_any()
}

/// What connections are, and how there comes to be one.
#[component]
fn ConnectionsEmpty() -> impl IntoView {
    const EXAMPLE: &str = "[[function.chat.websocket]]\npath = \"/chat\"";
    let steps = teach(&[
        (
            "The host holds it",
            "A client opens a WebSocket; between its messages no instance of the function runs. What has to stay lies in the attachment and in groups.",
        ),
        ("Each message runs the function", "Messages of one connection are handled in order, one at a time."),
        ("It outlives deployments", "Deploying and rolling back close no connection; each stays on its version."),
    ]);
    view! {
        <div class="empty">
            {steps}
            <h2>"Give a function a WebSocket"</h2>
            <p class="muted">"In dormouse.toml; then deploy, and open one:"</p>
            <div class="code-block">
                <pre tabindex="0" aria-label="Example"><code>{EXAMPLE}</code></pre>
            </div>
        </div>
    }
}

const COLUMNS: &[Column] = &[
    Column::text("Connection"),
    Column::text("Function"),
    Column::text("Opened"),
    Column::text("Last message"),
    Column::figure("In"),
    Column::figure("Out"),
    Column::text("Groups"),
];

/// The table of connections.
#[component]
fn ConnectionTable(project: String, function: String, page: Page<Connection>, pages: RwSignal<u32>) -> impl IntoView {
    let more = page.next_cursor.is_some();
    let only = if function.is_empty() { String::new() } else { format!(" --function {function}") };
    let command = format!("dormouse connections list{only} --project {project}");
    let others = vec![format!("dormouse connections count --project {project}")];
    let rows = page.items.into_iter().map(|connection| connection_row(&project, connection)).collect();
    view! { {table(COLUMNS, rows)} <More there_is=more pages /> <SameAsCli command others /> }
}

/// One connection.
fn connection_row(project: &str, connection: Connection) -> AnyView {
    let function = row_link(place::function(project, &connection.function, ""), connection.function);
    let traffic = |count: u64, bytes: u64| view! { {format::grouped(count)} {second(format::bytes(bytes))} }.into_any();
    row(
        COLUMNS,
        vec![
            view! {
                {row_link(place::connection(project, &connection.id), connection.id)}
                <span class="second">{connection.remote_address} " " {connection.path_with_query}</span>
            }
            .into_any(),
            view! { {function} {second(format!("on {}", connection.version))} }.into_any(),
            view! { <When at=connection.connected_at_us /> }.into_any(),
            view! { <When at=connection.last_active_at_us /> }.into_any(),
            traffic(connection.received, connection.received_bytes),
            traffic(connection.sent, connection.sent_bytes),
            groups(&connection.groups),
        ],
    )
}

/// The groups that a connection is in.
fn groups(all: &[String]) -> AnyView {
    if all.is_empty() { nothing("none") } else { all.join(", ").into_any() }
}

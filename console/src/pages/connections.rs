//! A project's open WebSocket connections, as many as there are now.

mod close_dialog;
pub(crate) mod connection;
mod filter;
mod frames;
mod history;
mod publish_dialog;

use leptos::prelude::*;
use leptos_router::components::A;
use wire::{Action, Connection, ConnectionHistory, Page};

use self::{
    filter::{Filter, FilterForm},
    publish_dialog::PublishDialog,
};
use super::{
    parameter,
    queues::{PULSE, row_link},
};
use crate::{
    account::Account,
    api::Api,
    components::{
        cli::SameAsCli,
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
    let api = Api::here();
    let project = parameter("project");
    let (filter, pages, publishing) = (Filter::here(), RwSignal::new(1), RwSignal::new(false));
    let connections = Remote::new(
        move || (project.get(), filter.get().query(), pages.get()),
        move |(project, query, pages)| api.list_connections(&project, &query, pages),
    );
    let history = Remote::new(move || project.get(), move |project| api.connection_history(&project));
    connections.every(PULSE);
    history.every(PULSE);
    let account = expect_context::<Account>();
    let publish = move || {
        account.may(&project.get(), Action::ConnectionOperate).then(|| {
            view! { <button type="button" class="button" on:click=move |_| publishing.set(true)>"Publish to a group"</button> }
        })
    };
    let now = move || history.get().map(|history| in_all(&history));
    // Where there neither is nor was a connection, there is nothing to choose from.
    let teaches = Memo::new(move |_| {
        let never = history.get().is_some_and(|history| history.items.is_empty());
        never && filter.with(Filter::takes_all) && connections.get().is_some_and(|page| page.items.is_empty())
    });
    // The same server answers both: where it does not, the list says so for the charts, too.
    let past = move || {
        history.get().map(|history| filter.with(|filter| history::charts(&project.get_untracked(), filter, &history)))
    };
    let body = move || {
        if teaches.get() {
            return connections.view("connections", |_| view! { <ConnectionsEmpty /> }.into_any()).into_any();
        }
        view! {
            <FilterForm project filter history pages />
            {past}
            {connections.view("connections", move |page| {
                listed(&project.get_untracked(), &filter.get_untracked(), page, pages)
            })}
        }
        .into_any()
    };
    view! {
        <PageHeader crumbs=Vec::new() title="Connections">
            {now}
            <span class="grow"></span>
            {publish}
        </PageHeader>
        {body}
        <Show when=move || publishing.get()>
            <PublishDialog
                project=project.get_untracked()
                group=filter.get_untracked().group
                on_close=move || publishing.set(false)
            />
        </Show>
    }
}

/// How many there are now.
fn in_all(history: &ConnectionHistory) -> AnyView {
    let all: u64 = history.items.iter().filter_map(|series| series.open.last()).map(|open| u64::from(*open)).sum();
    view! { <span class="muted">{format::grouped(all)} " open now"</span> }.into_any()
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

/// The table of connections, or that none is like what was asked for.
fn listed(project: &str, filter: &Filter, page: Page<Connection>, pages: RwSignal<u32>) -> AnyView {
    let more = page.next_cursor.is_some();
    let command = format!("dormouse connections list{} --project {project}", filter.options());
    let others = vec![format!("dormouse connections count --project {project}")];
    let list = if page.items.is_empty() {
        none(project, filter)
    } else {
        table(COLUMNS, page.items.into_iter().map(|connection| connection_row(project, connection)).collect())
    };
    view! { {list} <More there_is=more pages /> <SameAsCli command others /> }.into_any()
}

/// That nothing is open now, or nothing that was asked for.
fn none(project: &str, filter: &Filter) -> AnyView {
    if filter.takes_all() {
        return view! { <p class="muted">"No connection is open now."</p> }.into_any();
    }
    let all = Filter::default().href(project);
    view! { <p class="muted">"No open connection is like that. " <A href=all>"Show all"</A></p> }.into_any()
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

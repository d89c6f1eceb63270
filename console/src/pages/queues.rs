//! A project's queues, and what each holds.

pub(crate) mod message;
pub(crate) mod messages;
pub(crate) mod new_queue;
pub(crate) mod overview;
pub(crate) mod queue;
pub(crate) mod redrives;
pub(crate) mod send_dialog;
pub(crate) mod settings;

use std::time::Duration;

use leptos::prelude::*;
use leptos_router::components::A;
use wire::{Action, Page, Queue};

use self::new_queue::NewQueueDialog;
use super::parameter;
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

/// How often figures of queues are loaded again while the page is in front.
pub(crate) const PULSE: Duration = Duration::from_secs(3);

/// The list, or for a project without queues what they are for.
#[component]
pub(crate) fn QueuesPage() -> impl IntoView {
    let api = Api::here();
    let account = expect_context::<Account>();
    let project = parameter("project");
    let pages = RwSignal::new(1);
    let creating = RwSignal::new(false);
    let queues =
        Remote::new(move || (project.get(), pages.get()), move |(project, pages)| api.list_queues(&project, pages));
    queues.every(PULSE);
    let may = Memo::new(move |_| account.may(&project.get(), Action::QueueManage));
    let new = move || {
        may.get().then(|| {
            view! {
                <button type="button" class="button primary" on:click=move |_| creating.set(true)>
                    <Icon glyph=Glyph::Plus />
                    "New queue"
                </button>
            }
        })
    };
    view! {
        <PageHeader crumbs=Vec::new() title="Queues">
            <span class="grow"></span>
            {new}
        </PageHeader>
        {queues.view("queues", move |page| {
            let project = project.get_untracked();
            if page.items.is_empty() {
                view! { <QueuesEmpty project /> }.into_any()
            } else {
                view! { <QueueTable project page pages /> }.into_any()
            }
        })}
        <Show when=move || creating.get()>
            <NewQueueDialog project=project.get_untracked() on_close=move || creating.set(false) />
        </Show>
    }
}

/// What queues are for, and how to have one.
#[component]
fn QueuesEmpty(project: String) -> impl IntoView {
    let create = format!("dormouse queue create orders --project {project}");
    let send = format!("dormouse queue send orders '{{\"id\":1}}' --project {project}");
    let steps = teach(&[
        (
            "Send",
            "A message is on disk before its sender is told so. Senders are functions, the API or the command line.",
        ),
        (
            "Consume",
            "A function with a queue trigger gets messages in batches and settles each one: done, again later, or refused.",
        ),
        (
            "Put aside",
            "What fails again and again moves to the dead-letter queue with every error, and from there back, when the cause is gone.",
        ),
    ]);
    view! {
        <div class="empty">
            {steps}
            <h2>"The same from a terminal"</h2>
            <p class="muted">"Create a queue, and send it a first message:"</p>
            <CodeLine text=create what="the create command" />
            <CodeLine text=send what="the send command" />
        </div>
    }
}

/// The table of queues.
#[component]
fn QueueTable(project: String, page: Page<Queue>, pages: RwSignal<u32>) -> impl IntoView {
    let more = page.next_cursor.is_some();
    let command = format!("dormouse queue list --project {project}");
    let rows = page.items.into_iter().map(|queue| queue_row(&project, queue)).collect();
    view! { {table(COLUMNS, rows)} <More there_is=more pages /> <SameAsCli command /> }
}

const COLUMNS: &[Column] = &[
    Column::text("Name"),
    Column::text("State"),
    Column::figure("Messages"),
    Column::figure("In flight"),
    Column::figure("Held back"),
    Column::text("Oldest"),
    Column::text("Dead letters go to"),
];

/// One queue.
fn queue_row(project: &str, queue: Queue) -> AnyView {
    let letters = match &queue.dead_letter_queue {
        Some(name) => row_link(place::queue(project, name, "messages"), name.clone()),
        None => nothing("as its trigger says"),
    };
    let oldest = queue.depth.oldest_at_us.map_or_else(|| nothing("empty"), |at| view! { <When at /> }.into_any());
    let figure = |count| format::grouped(count).into_any();
    row(
        COLUMNS,
        vec![
            row_link(place::queue(project, &queue.name, ""), queue.name),
            queue_state(queue.paused),
            figure(queue.depth.messages),
            figure(queue.depth.in_flight),
            figure(queue.depth.delayed),
            oldest,
            letters,
        ],
    )
}

/// A link that names a row.
pub(crate) fn row_link(href: String, label: String) -> AnyView {
    view! { <A href attr:class="row-link">{label}</A> }.into_any()
}

/// Whether a queue hands out messages.
pub(crate) fn queue_state(paused: bool) -> AnyView {
    if paused { state("state waiting", Glyph::Pause, "paused") } else { state("state ok", Glyph::Check, "open") }
}

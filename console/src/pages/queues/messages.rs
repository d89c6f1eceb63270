//! A queue's messages, looked at without taking any.

use leptos::prelude::*;
use leptos_router::components::A;
use wire::{MessageState, Page, QueueMessage, Timestamp};

use super::{PULSE, queue::Here};
use crate::{
    api::Api,
    components::{
        cli::SameAsCli,
        icon::Glyph,
        more::More,
        table::{Column, nothing, row, second, state, table},
        time::When,
    },
    place,
    remote::Remote,
};

/// The page.
#[component]
pub(crate) fn MessagesPage() -> impl IntoView {
    let (api, here) = (Api::here(), Here::get());
    let pages = RwSignal::new(1);
    let messages = Remote::new(
        move || (here.project.get(), here.name.get(), pages.get()),
        move |(project, name, pages)| api.list_messages(&project, &name, pages),
    );
    messages.every(PULSE);
    let command =
        Signal::derive(move || format!("dormouse queue peek {} --project {}", here.name.get(), here.project.get()));
    view! {
        <h2 class="hidden">"Messages"</h2>
        {messages.view("messages", move |page| {
            if page.items.is_empty() {
                view! {
                    <div class="card">
                        <p class="card-title">"The queue is empty"</p>
                        <p class="muted">
                            "What is sent to it is shown here in the order in which it came, until a consumer is done with it. Looking takes nothing away."
                        </p>
                    </div>
                }
                .into_any()
            } else {
                view! { <MessageTable here page pages /> }.into_any()
            }
        })}
        <SameAsCli command />
    }
}

/// The table of messages.
#[component]
fn MessageTable(here: Here, page: Page<QueueMessage>, pages: RwSignal<u32>) -> impl IntoView {
    let more = page.next_cursor.is_some();
    let rows = page.items.into_iter().map(|message| message_row(here, message)).collect();
    view! { {table(COLUMNS, rows)} <More there_is=more pages /> }
}

const COLUMNS: &[Column] = &[
    Column::text("Message"),
    Column::text("State"),
    Column::text("Came"),
    Column::figure("Tries"),
    Column::text("Last error"),
];

/// One message.
fn message_row(here: Here, message: QueueMessage) -> AnyView {
    let (project, queue) = here.names();
    let href = place::message(&project, &queue, &message.id);
    let body = if message.body_is_base64 { "(not text)".to_owned() } else { beginning(&message.body) };
    let error = message
        .errors
        .last()
        .map_or_else(|| nothing("none"), |last| view! { <span class="clamp">{last.error.clone()}</span> }.into_any());
    let from = message.source_queue.map(|source| second(format!("from {source}")));
    let group = message.group.map(|group| second(format!("group {group}")));
    row(
        COLUMNS,
        vec![
            view! {
                <A href attr:class="row-link mono">{message.id}</A>
                <span class="second clamp">{body}</span>
            }
            .into_any(),
            view! { {message_state(message.state, message.available_at_us)} {group} }.into_any(),
            view! { <When at=message.enqueued_at_us /> {from} }.into_any(),
            message.attempts.to_string().into_any(),
            error,
        ],
    )
}

/// Where a message stands, in words beside a sign and a colour, and until when.
pub(super) fn message_state(at: MessageState, until: Timestamp) -> AnyView {
    let (word, until_what) = match at {
        MessageState::Ready => return state("state ok", Glyph::Check, "ready"),
        MessageState::Delayed => (state("state waiting", Glyph::Clock, "held back"), "until "),
        MessageState::InFlight => (state("state info", Glyph::Out, "in flight"), "lease ends "),
    };
    view! { {word} <span class="second">{until_what} <When at=until /></span> }.into_any()
}

/// The first line of a body, for a list.
fn beginning(body: &str) -> String {
    const SHOWN: usize = 120;
    let line = body.lines().next().unwrap_or_default();
    let text: String = line.chars().take(SHOWN).collect();
    if text.len() < body.trim_end().len() { format!("{text}…") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_line_stands_in_a_list() {
        assert_eq!(beginning("{\"id\":1}\n"), "{\"id\":1}");
        assert_eq!(beginning("a\nb"), "a…");
        assert_eq!(beginning(&"ä".repeat(200)).chars().count(), 121);
        assert_eq!(beginning(""), "");
    }
}

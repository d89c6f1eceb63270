//! One message: its body, where it stands, and all that went wrong with it.

use leptos::prelude::*;
use leptos_router::components::A;
use wire::QueueMessage;

use super::{messages::message_state, queue::Here};
use crate::{
    api::Api,
    components::{
        answer::pretty_json,
        copy::CopyButton,
        table::{Column, facts, row, table},
        time::WhenInFull,
    },
    format,
    pages::parameter,
    place,
    remote::Remote,
};

/// The page.
#[component]
pub(crate) fn MessagePage() -> impl IntoView {
    let (api, here, id) = (Api::here(), Here::get(), parameter("message"));
    let message = Remote::new(
        move || (here.project.get(), here.name.get(), id.get()),
        move |(project, name, id)| api.find_message(&project, &name, &id),
    );
    let back = move || place::queue(&here.project.get(), &here.name.get(), "messages");
    view! {
        <div class="section-head">
            <h2 class="mono wrap">{id}</h2>
            <span class="grow"></span>
            <A href=back attr:class="button small">"All messages"</A>
        </div>
        {message.view("the message", move |message| view! { <Message message /> })}
    }
}

/// All of it.
#[component]
fn Message(message: QueueMessage) -> impl IntoView {
    let attributes = message.attributes.iter().map(|(name, value)| {
        view! { <div><dt class="mono">{name.clone()}</dt><dd class="mono wrap">{value.clone()}</dd></div> }
    });
    let attributes: Vec<_> = attributes.collect();
    let attributes = (!attributes.is_empty()).then(|| {
        view! { <section class="panel"><h3>"Attributes"</h3><dl class="facts">{attributes}</dl></section> }
    });
    let full = |at| view! { <WhenInFull at /> }.into_any();
    let mut stands = vec![
        ("State", message_state(message.state, message.available_at_us)),
        ("Sent", full(message.first_enqueued_at_us)),
        ("Came here", full(message.enqueued_at_us)),
        ("Tries", format!("{} here, {} in all", message.receives, message.attempts).into_any()),
    ];
    stands.extend(message.group.clone().map(|group| ("Group", group.into_any())));
    stands.extend(message.source_queue.clone().map(|source| ("Dead letter of", source.into_any())));
    let errors = errors(message.errors.clone());
    view! {
        <div class="columns">
            <section class="panel"><h3>"Where it stands"</h3>{facts(stands)}</section>
            {attributes}
        </div>
        {errors}
        <Body message />
    }
}

const ERRORS: &[Column] = &[Column::figure("Try"), Column::text("When"), Column::text("Error")];

/// What went wrong, the last attempt first.
fn errors(errors: Vec<wire::AttemptError>) -> Option<AnyView> {
    let rows = errors.into_iter().rev().map(|one| {
        let when = view! { <WhenInFull at=one.at_us /> }.into_any();
        row(ERRORS, vec![one.attempt.to_string().into_any(), when, one.error.into_any()])
    });
    let rows: Vec<_> = rows.collect();
    (!rows.is_empty()).then(|| view! { <h3>"What went wrong"</h3> {table(ERRORS, rows)} }.into_any())
}

/// The body: JSON with line breaks, other text as it is, bytes as base64.
#[component]
fn Body(message: QueueMessage) -> impl IntoView {
    let note = match (message.body_is_base64, message.body_truncated) {
        (true, _) => "Not text, therefore in base64.",
        (false, true) => "The beginning.",
        (false, false) => "",
    };
    let shown = pretty_json(&message.body).unwrap_or_else(|| message.body.clone());
    view! {
        <div class="section-head">
            <h3>"Body"</h3>
            <span class="muted">{message.content_type} ", " {format::bytes(message.body_bytes)}</span>
        </div>
        <div class="code-block">
            <CopyButton text=message.body what="the body" />
            <pre tabindex="0" aria-label="Body"><code>{shown}</code></pre>
        </div>
        <p class="note">{note}</p>
    }
}

//! One connection: what is known of it, what passes over it, sending to it and closing it.

use leptos::prelude::*;
use wire::{Action, Connection};

use super::{close_dialog::CloseDialog, frames::Frames, groups};
use crate::{
    account::Account,
    api::Api,
    components::{
        cli::{SameAsCli, quoted},
        field::TextArea,
        form::OrderForm,
        header::PageHeader,
        table::{facts, nothing},
        time::WhenInFull,
    },
    format,
    order::Order,
    pages::{
        parameter,
        queues::{PULSE, row_link},
    },
    place,
    remote::Remote,
    toasts::Toasts,
};

/// The page.
#[component]
pub(crate) fn ConnectionPage() -> impl IntoView {
    let api = Api::here();
    let (project, id) = (parameter("project"), parameter("connection"));
    // A connection that is closed is gone for the server; what was known last stays on show.
    let (closed, last) = (RwSignal::new(false), StoredValue::new(None::<Connection>));
    let connection = Remote::new(
        move || (project.get(), id.get()),
        move |(project, id)| async move {
            if let Some(known) = last.get_value().filter(|known| known.id == id && closed.get_untracked()) {
                return Ok(known);
            }
            let found = api.find_connection(&project, &id).await?;
            let _ = last.try_set_value(Some(found.clone()));
            Ok(found)
        },
    );
    connection.every(PULSE);
    let crumbs = Signal::derive(move || vec![(place::connections(&project.get(), ""), "Connections".to_owned())]);
    let may = expect_context::<Account>().may_now(&project.get_untracked(), Action::ConnectionOperate);
    let closing = RwSignal::new(false);
    let close = may.then(|| {
        view! { <button type="button" class="button danger" disabled=move || closed.get() on:click=move |_| closing.set(true)>"Close"</button> }
    });
    let command =
        Signal::derive(move || format!("dormouse connections watch {} --project {}", id.get(), project.get()));
    let others =
        Signal::derive(move || vec![format!("dormouse connections show {} --project {}", id.get(), project.get())]);
    view! {
        <PageHeader crumbs title=id>
            <span class="grow"></span>
            {close}
        </PageHeader>
        <div class="columns">
            <section class="panel">
                <h2>"Connection"</h2>
                {connection.view("the connection", move |connection| known(&project.get_untracked(), connection))}
            </section>
            {may.then(|| view! { <SendForm project id /> })}
        </div>
        <Frames project id closed />
        <SameAsCli command others />
        <Show when=move || closing.get()>
            <CloseDialog
                project=project.get_untracked()
                id=id.get_untracked()
                on_close=move || closing.set(false)
            />
        </Show>
    }
}

/// What is known of it.
fn known(project: &str, connection: Connection) -> AnyView {
    let function = row_link(place::function(project, &connection.function, ""), connection.function);
    let traffic = |count: u64, bytes: u64| format!("{}, {}", format::count_of(count, "message"), format::bytes(bytes));
    let attachment = match (connection.attachment.is_empty(), connection.attachment_is_base64) {
        (true, _) => nothing("empty"),
        (false, true) => view! { <code class="wrap">{connection.attachment}</code> " (in base64)" }.into_any(),
        (false, false) => view! { <code class="wrap">{connection.attachment}</code> }.into_any(),
    };
    facts(vec![
        ("Function", view! { {function} " on " {connection.version.to_string()} }.into_any()),
        ("Client", connection.remote_address.into_any()),
        ("Asked for", view! { <code class="wrap">{connection.path_with_query}</code> }.into_any()),
        ("Subprotocol", connection.subprotocol.map_or_else(|| nothing("none"), IntoAny::into_any)),
        ("Groups", groups(&connection.groups)),
        ("Attachment", attachment),
        ("Opened", view! { <WhenInFull at=connection.connected_at_us /> }.into_any()),
        ("Last message", view! { <WhenInFull at=connection.last_active_at_us /> }.into_any()),
        ("In", traffic(connection.received, connection.received_bytes).into_any()),
        ("Out", traffic(connection.sent, connection.sent_bytes).into_any()),
        ("Waiting", format::bytes(connection.waiting_bytes).into_any()),
    ])
}

/// Sends a text to the client.
#[component]
fn SendForm(project: Memo<String>, id: Memo<String>) -> impl IntoView {
    let (api, toasts) = (Api::here(), expect_context::<Toasts>());
    let order = Order::new();
    let text = RwSignal::new(String::new());
    let command = Signal::derive(move || {
        format!("dormouse connections send {} {} --project {}", id.get(), quoted(&text.get()), project.get())
    });
    let on_submit = move || {
        let sent = api.send_to_connection(&project.get_untracked(), &id.get_untracked(), text.get_untracked());
        order.run(sent, move |()| {
            text.set(String::new());
            toasts.say("The message waits to be sent.");
        });
    };
    view! {
        <section class="panel" aria-label="Send">
            <OrderForm order action="Send" on_submit disabled=move || text.with(String::is_empty) wide=true command>
                <h2>"Send"</h2>
                <TextArea label="Text" value=text mono=true rows=5 />
            </OrderForm>
        </section>
    }
}

//! Calling a function by name, later, and following what becomes of the call.

use std::time::Duration;

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use wire::{Action, Call, CallAnswer, CallState, CreateCall};

use super::{
    Here,
    test::{KindTabs, version_options},
};
use crate::{
    api::Api,
    components::{
        answer::pretty_json,
        cli::{SameAsCli, quoted},
        copy::CopyButton,
        error::OrderError,
        field::{Choice, TextArea, TextField},
        form::OrderForm,
        icon::{Glyph, Icon},
        table::{facts, state},
        time::{When, WhenInFull},
    },
    order::Order,
    place,
    remote::Remote,
};

/// How often a call that has not ended is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// The call while it is written.
#[derive(Clone, Copy)]
struct Draft {
    version: RwSignal<String>,
    content_type: RwSignal<String>,
    payload: RwSignal<String>,
}

impl Draft {
    fn request(self) -> CreateCall {
        let content_type = self.content_type.get().trim().to_owned();
        CreateCall {
            version: self.version.get().parse().ok(),
            body: self.payload.get(),
            body_is_base64: false,
            content_type: (!content_type.is_empty()).then_some(content_type),
        }
    }
}

/// The page.
#[component]
pub(crate) fn CallPage() -> impl IntoView {
    let (here, api) = (Here::get(), Api::here());
    let query = use_query_map();
    let id = Memo::new(move |_| query.with(|map| map.get("id")));
    let call = Remote::new(
        move || (here.project.get(), here.name.get(), id.get()),
        move |(project, name, id)| async move {
            match id {
                Some(id) => api.find_call(&project, &name, &id).await.map(Some),
                None => Ok(None),
            }
        },
    );
    call.every_while(LOOK, |call| call.as_ref().is_some_and(|call| call.ended_at_us.is_none()));
    let may = here.may(Action::FunctionInvoke);
    view! {
        <h2 class="hidden">"Asynchronous call"</h2>
        <KindTabs here />
        {(!may).then(|| view! { <p class="notice">"Your role in this project does not include calling functions here."</p> })}
        <div class="columns">
            <section class="panel" aria-label="Call">
                <CallForm here may />
            </section>
            <section class="panel" aria-label="What becomes of it" aria-live="polite">
                {call.view("the call", move |found| match found {
                    Some(found) => view! { <CallView here found call may /> }.into_any(),
                    None => view! {
                        <h3>"What becomes of it"</h3>
                        <p class="muted">
                            "The call is on disk before you are told so. It is tried up to three times, 1 and 2 minutes apart; one that failed for good goes to the dead-letter queue of its version."
                        </p>
                    }
                    .into_any(),
                })}
            </section>
        </div>
    }
}

/// The form of the call.
#[component]
fn CallForm(here: Here, may: bool) -> impl IntoView {
    let (api, navigate) = (Api::here(), use_navigate());
    let order = Order::new();
    let options = version_options(here);
    let draft = Draft {
        version: RwSignal::new(String::new()),
        content_type: RwSignal::new("text/plain".to_owned()),
        payload: RwSignal::new(String::new()),
    };
    let on_submit = move || {
        let ((project, name), navigate) = (here.names(), navigate.clone());
        let request = untrack(|| draft.request());
        order.run(api.create_call(&project, &name, &request), move |call| {
            let (project, name) = here.names();
            let options = NavigateOptions { scroll: false, ..Default::default() };
            navigate(&place::call(&project, &name, &call.id), options);
        });
    };
    let command = Signal::derive(move || command(&here.project.get(), &here.name.get(), &draft.request()));
    view! {
        <OrderForm order action="Call later" on_submit glyph=Glyph::Play disabled=!may wide=true command>
            <h3>"Call"</h3>
            <div class="pair">
                <TextField
                    label="Content type"
                    value=draft.content_type
                    mono=true
                    maxlength=256
                    error=Signal::derive(move || order.field_error("content_type"))
                />
                <Choice label="Version" value=draft.version options />
            </div>
            <TextArea
                label="Payload"
                value=draft.payload
                mono=true
                rows=7
                hint="At most 256 KiB."
                error=Signal::derive(move || order.field_error("body"))
            />
        </OrderForm>
    }
}

/// How a call stands, with its answer where it has one.
#[component]
fn CallView(here: Here, found: Call, call: Remote<Option<Call>>, may: bool) -> impl IntoView {
    let api = Api::here();
    let order = Order::new();
    let id = found.id;
    let (project, name) = here.names();
    let command = |verb: &str| format!("dormouse calls {verb} {id} --function {name} --project {project}");
    let (show, cancel) = (command("show"), command("cancel"));
    let pending = found.state == CallState::Pending;
    let others = if pending { vec![cancel] } else { Vec::new() };
    let mut all = vec![
        (
            "Call",
            view! { <code class="wrap">{id.clone()}</code> " " <CopyButton text=id.clone() what="the id" /> }
                .into_any(),
        ),
        ("Version", format!("v{}", found.version).into_any()),
        ("Attempts", format!("{} of 3", found.attempts).into_any()),
        ("Made", view! { <WhenInFull at=found.created_at_us /> }.into_any()),
    ];
    if let Some(at) = found.next_attempt_at_us {
        all.push(("Next attempt", view! { <When at /> }.into_any()));
    }
    if let Some(at) = found.ended_at_us {
        all.push(("Ended", view! { <WhenInFull at /> }.into_any()));
    }
    let error = found.error.map(|error| {
        view! {
            <div class="card failed">
                <p class="card-title"><Icon glyph=Glyph::Warning /> "The last attempt failed"</p>
                <div>{error}</div>
            </div>
        }
    });
    let on_cancel = move |_| {
        let ((project, name), id) = (here.names(), id.clone());
        order.run(api.cancel_call(&project, &name, &id), move |()| call.reload());
    };
    let button = (pending && may).then(|| {
        view! {
            <div class="actions">
                <button type="button" class="button" disabled=move || order.is_busy() on:click=on_cancel>"Cancel the call"</button>
            </div>
        }
    });
    view! {
        <div class="section-head"><h3>"What becomes of it"</h3> {call_state(found.state)}</div>
        {facts(all)}
        {error}
        {found.answer.map(answer)}
        {button}
        <OrderError order />
        <SameAsCli command=show others />
    }
}

/// What the function answered.
fn answer(answer: CallAnswer) -> AnyView {
    let note = if answer.body_is_base64 { "not text, therefore in base64" } else { "" };
    let note = format!("{} {note}", answer.content_type);
    let pretty = pretty_json(&answer.body).unwrap_or_else(|| answer.body.clone());
    view! {
        <h4>"Answer"</h4>
        <div class="code-block">
            <CopyButton text=answer.body what="the answer" />
            <pre tabindex="0" aria-label="Answer"><code>{pretty}</code></pre>
        </div>
        <p class="note">{note}</p>
    }
    .into_any()
}

/// Where a call stands, in a word beside a sign and a colour.
fn call_state(at: CallState) -> AnyView {
    let (class, glyph) = match at {
        CallState::Pending => ("state waiting", Glyph::Clock),
        CallState::Running => ("state info", Glyph::Wait),
        CallState::Succeeded => ("state ok", Glyph::Check),
        CallState::Failed => ("state failed", Glyph::Warning),
        CallState::Cancelled => ("state waiting", Glyph::Close),
    };
    state(class, glyph, at.as_str())
}

/// The command that makes the same call.
fn command(project: &str, function: &str, call: &CreateCall) -> String {
    let mut line = format!("dormouse invoke --async --function {function} --project {project}");
    if let Some(version) = call.version {
        line.push_str(&format!(" --version v{version}"));
    }
    if let Some(content_type) = &call.content_type {
        line.push_str(&format!(" --content-type {}", quoted(content_type)));
    }
    if !call.body.is_empty() {
        line.push_str(&format!(" --data {}", quoted(&call.body)));
    }
    line
}

//! Calling a function from the console to see what it answers.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use wire::{Action, Invoke, InvokeAnswer, VersionState};

use super::Here;
use crate::{
    api::Api,
    components::{
        answer::AnswerView,
        cli::{SameAsCli, quoted},
        field::{Choice, TextArea, TextField},
        form::OrderForm,
        icon::Glyph,
        saved_requests::SavedRequests,
        tabs::Tabs,
    },
    format,
    order::Order,
    place,
    remote::Remote,
};

/// The request while it is written.
#[derive(Clone, Copy)]
struct Draft {
    version: RwSignal<String>,
    method: RwSignal<String>,
    path: RwSignal<String>,
    headers: RwSignal<String>,
    body: RwSignal<String>,
}

impl Draft {
    fn new(version: String, path: String) -> Self {
        Self {
            version: RwSignal::new(version),
            method: RwSignal::new("GET".to_owned()),
            path: RwSignal::new(path),
            headers: RwSignal::new(String::new()),
            body: RwSignal::new(String::new()),
        }
    }

    fn request(self) -> Invoke {
        let headers = self.headers.get();
        let headers = headers.lines().filter_map(|line| line.split_once(':'));
        Invoke {
            version: self.version.get().parse().ok(),
            method: self.method.get(),
            path: self.path.get(),
            headers: headers.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect(),
            body: self.body.get(),
        }
    }

    fn fill(self, request: Invoke) {
        let headers: Vec<_> = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        self.version.set(request.version.map(|number| number.to_string()).unwrap_or_default());
        self.method.set(request.method);
        self.path.set(request.path);
        self.headers.set(headers.join("\n"));
        self.body.set(request.body);
    }
}

/// The page.
#[component]
pub(crate) fn TestPage() -> impl IntoView {
    let here = Here::get();
    let query = use_query_map();
    let version = query.with_untracked(|map| map.get("version")).unwrap_or_default();
    let name = here.name.get_untracked();
    let draft = Draft::new(version, format!("/{name}/"));
    let answer = RwSignal::new(None::<InvokeAnswer>);
    let may = here.may(Action::FunctionInvoke);
    let command = Signal::derive(move || command(&here.project.get(), &here.name.get(), &draft.request()));
    view! {
        <h2 class="hidden">"Test"</h2>
        <KindTabs here />
        {(!may).then(|| view! { <p class="notice">"Your role in this project does not include calling functions here."</p> })}
        <div class="columns">
            <section class="panel" aria-label="Request">
                <RequestForm here draft answer may />
                <SavedRequests
                    project=here.project
                    function=here.name
                    request=Signal::derive(move || draft.request())
                    on_load=move |request| draft.fill(request)
                />
                <SameAsCli command />
            </section>
            <section class="panel" aria-label="Answer" aria-live="polite">
                {move || match answer.get() {
                    Some(answer) => view! { <AnswerView answer /> }.into_any(),
                    None => view! {
                        <h3>"Answer"</h3>
                        <p class="muted">"Send a request to see status, body, time, memory and what the function wrote."</p>
                    }
                    .into_any(),
                }}
            </section>
        </div>
    }
}

/// The form of the request.
#[component]
fn RequestForm(here: Here, draft: Draft, answer: RwSignal<Option<InvokeAnswer>>, may: bool) -> impl IntoView {
    let api = Api::here();
    let order = Order::new();
    let options = version_options(here);
    let methods: Vec<(String, String)> = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
        .iter()
        .map(|method| ((*method).to_owned(), (*method).to_owned()))
        .collect();
    let on_submit = move || {
        let (project, name) = here.names();
        let request = untrack(|| draft.request());
        order.run(api.invoke(&project, &name, &request), move |found| answer.set(Some(found)));
    };
    view! {
        <OrderForm order action="Send" on_submit glyph=Glyph::Play disabled=!may wide=true>
            <h3>"Request"</h3>
            <div class="request-line">
                <Choice label="Method" value=draft.method options=methods />
                <TextField
                    label="Path and query"
                    value=draft.path
                    required=true
                    mono=true
                    maxlength=4096
                    error=Signal::derive(move || order.field_error("path"))
                />
                <Choice label="Version" value=draft.version options />
            </div>
            <TextArea label="Headers" value=draft.headers hint="One a line, such as accept: text/plain." mono=true rows=2 />
            <TextArea label="Body" value=draft.body mono=true rows=5 />
        </OrderForm>
    }
}

/// The kinds of calls, side by side.
#[component]
pub(super) fn KindTabs(
    /// The function.
    here: Here,
) -> impl IntoView {
    let tabs = Signal::derive(move || {
        let (project, name) = (here.project.get(), here.name.get());
        vec![
            (place::function(&project, &name, "test"), "HTTP request", true),
            (place::call(&project, &name, ""), "Asynchronous call", true),
        ]
    });
    view! { <Tabs what="Kind of call" tabs /> }
}

/// What can be called: the live deployment, or a version that is ready.
pub(super) fn version_options(here: Here) -> Signal<Vec<(String, String)>> {
    let api = Api::here();
    let versions = Remote::new(
        move || (here.project.get(), here.name.get()),
        move |(project, name)| api.list_versions(&project, &name, 1),
    );
    Signal::derive(move || {
        let live = here.found.get().and_then(|function| function.live);
        let live = live.map_or_else(|| "nothing is live".to_owned(), |live| format::split(&live.versions));
        let mut options = vec![(String::new(), format!("Live ({live})"))];
        let page = versions.get().map(|page| page.items).unwrap_or_default();
        let ready = page.iter().filter(|version| version.state == VersionState::Ready);
        options.extend(ready.map(|version| (version.number.to_string(), format!("v{}", version.number))));
        options
    })
}

/// The command that sends the same request.
fn command(project: &str, function: &str, request: &Invoke) -> String {
    let mut line = format!(
        "dormouse invoke {} {} --function {function} --project {project}",
        request.method,
        quoted(&request.path)
    );
    if let Some(version) = request.version {
        line.push_str(&format!(" --version v{version}"));
    }
    for (name, value) in &request.headers {
        line.push_str(&format!(" --header {}", quoted(&format!("{name}: {value}"))));
    }
    if !request.body.is_empty() {
        line.push_str(&format!(" --data {}", quoted(&request.body)));
    }
    line
}

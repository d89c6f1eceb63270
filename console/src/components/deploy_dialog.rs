//! The dialog that sends traffic to a version: all of it, or a share beside another version.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wire::{CreateDeployment, Function, SplitKey, VersionNumber, VersionState, WeightedVersion};

use super::{
    cli::{message_option, quoted},
    dialog::Dialog,
    field::{Choice, TextField},
    form::OrderForm,
    live::TriggerChips,
};
use crate::{
    api::Api,
    browser, format,
    order::Order,
    place,
    remote::{Beat, Remote},
    toasts::Toasts,
};

/// What the person chose so far.
#[derive(Clone, Copy)]
struct Choices {
    /// The version that is deployed.
    version: u32,
    /// The number of the live deployment that the person sees; 0 for none.
    live: u32,
    /// `all` or `split`.
    mode: RwSignal<String>,
    /// The other version's number.
    other: RwSignal<String>,
    /// The share of `version` in per cent, as text.
    share: RwSignal<String>,
    /// `none`, `header` or `cookie`.
    key: RwSignal<String>,
    /// The header's or the cookie's name.
    key_name: RwSignal<String>,
    /// Why.
    message: RwSignal<String>,
}

impl Choices {
    fn is_split(self) -> bool {
        self.mode.get() == "split"
    }

    fn share(self) -> u8 {
        self.share.get().parse().unwrap_or(50_u8).clamp(1, 99)
    }

    fn versions(self) -> Vec<WeightedVersion> {
        let version = VersionNumber(self.version);
        match self.other.get().parse() {
            Ok(other) if self.is_split() => vec![
                WeightedVersion { version, weight: self.share() },
                WeightedVersion { version: VersionNumber(other), weight: 100 - self.share() },
            ],
            _ => vec![WeightedVersion { version, weight: 100 }],
        }
    }

    fn body(self) -> CreateDeployment {
        let name = self.key_name.get();
        let split_key = match self.key.get().as_str() {
            "header" if self.is_split() => Some(SplitKey::Header(name)),
            "cookie" if self.is_split() => Some(SplitKey::Cookie(name)),
            _ => None,
        };
        CreateDeployment {
            versions: self.versions(),
            triggers: None,
            split_key,
            message: self.message.get(),
            expected_live: Some(self.live),
        }
    }
}

/// Deploys `version` of a function. Triggers stay as they are.
#[component]
pub(crate) fn DeployDialog(
    /// The project's name.
    project: String,
    /// The function.
    function: Function,
    /// The version's number.
    version: u32,
    /// Called when it is closed without a deployment.
    on_close: impl Fn() + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let api = Api::here();
    let (beat, toasts) = (expect_context::<Beat>(), expect_context::<Toasts>());
    let names = StoredValue::new((project, function.name.clone()));
    let live = function.live.clone();
    let choices = Choices {
        version,
        live: live.as_ref().map_or(0, |live| live.number),
        mode: RwSignal::new("all".to_owned()),
        other: RwSignal::new(String::new()),
        share: RwSignal::new("10".to_owned()),
        key: RwSignal::new("none".to_owned()),
        key_name: RwSignal::new(String::new()),
        message: RwSignal::new(String::new()),
    };
    let others = other_versions(api, names, &function, version, choices.other);

    let deploying = Order::new();
    let navigate = use_navigate();
    let on_submit = move || {
        let (project, name) = names.get_value();
        let to = place::function(&project, &name, "");
        let body = untrack(|| choices.body());
        let navigate = navigate.clone();
        let started = browser::now_us();
        let function = name.clone();
        deploying.run(api.deploy(&project, &name, &body), move |deployment| {
            let took = u64::try_from(browser::now_us() - started).unwrap_or(0);
            let what = format::split(&deployment.versions);
            beat.now();
            navigate(&to, Default::default());
            toasts.say(format!("{function} is on {what}, live after {}.", format::duration(took)));
        });
    };
    let triggers = match &live {
        Some(live) => {
            let triggers = live.triggers.clone();
            view! { <p class="muted">"Triggers stay as they are: " <TriggerChips triggers /></p> }.into_any()
        }
        None => {
            let path = format!("/{}/{{*rest}}", function.name);
            view! { <p class="muted">"It will answer at " <code>{path}</code> " on the project's host."</p> }.into_any()
        }
    };
    let now = live.as_ref().map_or_else(|| "nothing".to_owned(), |live| format::split(&live.versions));
    let action = Signal::derive(move || format!("Deploy {}", format::split(&choices.versions())));
    let command = Signal::derive(move || {
        let (project, name) = names.get_value();
        command(&project, &name, &choices.body())
    });
    view! {
        <Dialog title=format!("Deploy {} v{version}", function.name) on_close>
            <OrderForm order=deploying action on_submit command>
                <p>"Live now: " <strong>{now}</strong></p>
                <Show when=move || others.get().is_some_and(|others| !others.is_empty())>
                    <Mode choices />
                    <Show when=move || choices.is_split()>
                        <Split choices others=Signal::derive(move || others.get().unwrap_or_default()) />
                    </Show>
                </Show>
                {triggers}
                <TextField
                    label="Message"
                    value=choices.message
                    hint="Why. May stay empty."
                    error=Signal::derive(move || deploying.field_error("message"))
                    autofocus=true
                />
            </OrderForm>
        </Dialog>
    }
}

/// The command that makes the same deployment.
fn command(project: &str, function: &str, body: &CreateDeployment) -> String {
    let verb = match body.versions.as_slice() {
        [only] => format!("promote {}", only.version),
        several => {
            let shares: Vec<_> = several.iter().map(|part| format!("{}={}", part.version, part.weight)).collect();
            format!("split {}", shares.join(" "))
        }
    };
    let key = match &body.split_key {
        Some(SplitKey::Header(name)) => format!(" --header {}", quoted(name)),
        Some(SplitKey::Cookie(name)) => format!(" --cookie {}", quoted(name)),
        None => String::new(),
    };
    format!("dormouse {verb} --function {function} --project {project}{key}{}", message_option(&body.message))
}

/// The versions that traffic can be split with; chooses the live one.
fn other_versions(
    api: Api,
    names: StoredValue<(String, String)>,
    function: &Function,
    version: u32,
    other: RwSignal<String>,
) -> Remote<Vec<u32>> {
    let live: Vec<u32> = function.live.iter().flat_map(|live| &live.versions).map(|part| part.version.0).collect();
    let others = Remote::new(
        move || names.get_value(),
        move |(project, name)| {
            let live = live.clone();
            async move {
                let page = api.list_versions(&project, &name, 2).await?;
                let ready = page.items.iter().filter(|one| one.state == VersionState::Ready && one.number != version);
                // What is live comes first, since that is what one splits with.
                let (mut numbers, others): (Vec<u32>, Vec<u32>) =
                    ready.map(|one| one.number).partition(|number| live.contains(number));
                numbers.extend(others);
                Ok(numbers)
            }
        },
    );
    Effect::new(move |_| {
        let first = others.get().and_then(|numbers| numbers.first().map(u32::to_string));
        if let Some(first) = first.filter(|_| other.with_untracked(String::is_empty)) {
            other.set(first);
        }
    });
    others
}

/// All traffic or a share of it.
#[component]
fn Mode(choices: Choices) -> impl IntoView {
    let option = move |value: &'static str, label: String| {
        view! {
            <label class="check">
                <input
                    type="radio"
                    name="mode"
                    value=value
                    prop:checked=move || choices.mode.get() == value
                    on:change=move |_| choices.mode.set(value.to_owned())
                />
                {label}
            </label>
        }
    };
    view! {
        <fieldset>
            <legend>"Traffic"</legend>
            {option("all", format!("All of it to v{}", choices.version))}
            {option("split", "Split between two versions".to_owned())}
        </fieldset>
    }
}

/// The share, the other version, and what keeps a caller on one of them.
#[component]
fn Split(choices: Choices, others: Signal<Vec<u32>>) -> impl IntoView {
    let options = Signal::derive(move || others.get().iter().map(|n| (n.to_string(), format!("v{n}"))).collect());
    let keys = [("none", "Each request is drawn anew"), ("header", "By a header"), ("cookie", "By a cookie")];
    let keys: Vec<(String, String)> = keys.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
    let text = move || format::split(&choices.versions());
    view! {
        <div class="field">
            <label for="share">"Share " <output for="share">{text}</output></label>
            <input id="share" type="range" min="1" max="99" bind:value=choices.share />
        </div>
        <Choice label="The other version" value=choices.other options />
        <Choice label="What keeps a caller on one version" value=choices.key options=keys />
        <Show when=move || choices.key.get() != "none">
            <TextField label="Name of the header or the cookie" value=choices.key_name required=true mono=true maxlength=64 />
        </Show>
    }
}

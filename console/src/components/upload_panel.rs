//! The panel of the upload under way: the file, its progress, its verdict, and what can be done next.

use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::{components::A, hooks::use_navigate};
use wire::{Action, Version, VersionState};

use super::{
    cli::{SameAsCli, quoted},
    copy::CopyButton,
    error::{ErrorCard, OrderError},
    field::TextField,
    icon::{Glyph, Icon},
    upload_steps::UploadSteps,
    verdict::VerdictView,
};
use crate::{
    account::Account,
    api::Api,
    format,
    order::Order,
    place,
    remote::Beat,
    toasts::Toasts,
    upload::{Stage, Uploads},
};

/// The upload, where there is one.
#[component]
pub(crate) fn UploadPanel() -> impl IntoView {
    let uploads = expect_context::<Uploads>();
    // The panel is drawn anew only when the kind of stage changes, not with every byte.
    let kind = Memo::new(move |_| std::mem::discriminant(&uploads.stage()));
    let body = move || {
        let _ = kind.get();
        match untrack(|| uploads.stage()) {
            Stage::Naming => view! { <Naming /> }.into_any(),
            Stage::Sending { .. } => view! { <Sending /> }.into_any(),
            Stage::Preparing(_) => view! { <UploadSteps stage=Signal::derive(move || uploads.stage()) /> }.into_any(),
            Stage::Ended(version) => view! { <Ended version=*version /> }.into_any(),
            Stage::Failed(error) => {
                let retry = move || uploads.begin();
                view! { <ErrorCard error retry /> }.into_any()
            }
        }
    };
    view! {
        <Show when=move || uploads.is_open()>
            <section class="panel upload" aria-label="Upload">
                <UploadHead />
                {body}
            </section>
        </Show>
    }
}

/// The file: its name, size and digest, and a button that puts the panel away.
#[component]
fn UploadHead() -> impl IntoView {
    let uploads = expect_context::<Uploads>();
    let name = move || uploads.file().0;
    let size = move || format::bytes(uploads.file().1);
    let digest = move || {
        uploads.sha256.get().map(|digest| {
            view! {
                <span class="digest">
                    "SHA-256 " <code title=digest.clone()>{format::short_digest(&digest)}</code>
                    <CopyButton text=digest what="the digest" />
                </span>
            }
        })
    };
    let label = move || match uploads.stage() {
        Stage::Naming | Stage::Sending { .. } => "Cancel the upload",
        _ => "Close",
    };
    view! {
        <header class="panel-head">
            <Icon glyph=Glyph::Upload />
            <h2>{name}</h2>
            <span class="number muted">{size}</span>
            {digest}
            <span class="grow"></span>
            <button type="button" class="icon-button" title=label aria-label=label on:click=move |_| uploads.close()>
                <Icon glyph=Glyph::Close />
            </button>
        </header>
    }
}

/// Asks which function the component is for.
#[component]
fn Naming() -> impl IntoView {
    let uploads = expect_context::<Uploads>();
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if uploads.is_valid() {
            uploads.begin();
        }
    };
    let command = Signal::derive(move || {
        let function = uploads.function.get();
        let (file, project) = (uploads.file().0, uploads.project.get());
        let hosts: String = uploads
            .outbound
            .with(|text| text.split_whitespace().map(|host| format!(" --allow-outbound {}", quoted(host))).collect());
        let figure = |flag: &str, text: RwSignal<String>| match text.get().trim() {
            "" => String::new(),
            text => format!(" {flag} {}", quoted(text)),
        };
        let (ready, requests) =
            (figure("--provisioned", uploads.provisioned), figure("--max-reuse", uploads.max_reuse));
        let (file, function) = (quoted(&file), quoted(&function));
        format!("dormouse deploy {file} --function {function} --project {project}{hosts}{ready}{requests}")
    });
    view! {
        <form class="form" on:submit=on_submit>
            <TextField
                label="Function"
                value=uploads.function
                hint="A new name makes a new function; a known one gets its next version."
                required=true
                mono=true
                autofocus=true
                maxlength=48
            />
            <TextField label="Message" value=uploads.message hint="What is new in it. May stay empty." />
            <TextField
                label="Outgoing hosts"
                value=uploads.outbound
                hint="Hosts that it may call, such as https://api.example.com, with spaces between. Empty: those of the version before."
                error=Signal::derive(move || uploads.hosts().err())
                mono=true
                maxlength=2_000
            />
            <TextField
                label="Instances kept ready"
                value=uploads.provisioned
                hint="Made ahead of the requests while the version is live, 0 to 100. Empty: as many as of the version before."
                error=Signal::derive(move || uploads.instances_ready().err())
                mono=true
                maxlength=7
            />
            <TextField
                label="Requests per instance"
                value=uploads.max_reuse
                hint="1: a fresh instance for each. More is faster, and what a request leaves in memory is there for the next. Empty: as in the version before."
                error=Signal::derive(move || uploads.requests_each().err())
                mono=true
                maxlength=7
            />
            <div class="actions">
                <button type="submit" class="button primary">"Upload"</button>
                <button type="button" class="button" on:click=move |_| uploads.close()>"Cancel"</button>
            </div>
        </form>
        <SameAsCli command />
    }
}

/// How much of the file has left.
#[component]
fn Sending() -> impl IntoView {
    let uploads = expect_context::<Uploads>();
    let total = move || uploads.file().1.max(1);
    let sent = move || match uploads.stage() {
        Stage::Sending { sent } => sent.min(total()),
        _ => 0,
    };
    let text = move || format!("{} of {} sent", format::bytes(sent()), format::bytes(total()));
    view! {
        <div class="sending">
            <progress max=move || total().to_string() value=move || sent().to_string() aria-label="Sent"></progress>
            <span class="number muted">{text}</span>
            <button type="button" class="button small" on:click=move |_| uploads.close()>"Cancel"</button>
        </div>
        <UploadSteps stage=Signal::derive(move || uploads.stage()) />
    }
}

/// The verdict, and what can be done with the version.
#[component]
fn Ended(version: Version) -> impl IntoView {
    let uploads = expect_context::<Uploads>();
    let account = expect_context::<Account>();
    let (api, beat, toasts) = (Api::here(), expect_context::<Beat>(), expect_context::<Toasts>());
    let project = uploads.project.get_untracked();
    let function = uploads.function.get_untracked();
    let number = version.number;
    let ready = version.state == VersionState::Ready;
    let heading =
        if ready { format!("{function} v{number} is ready") } else { format!("{function} v{number} cannot run") };

    let navigate = use_navigate();
    let deploy = {
        let to = place::deploy(&project, &function, number);
        move |_| {
            uploads.close();
            navigate(&to, Default::default());
        }
    };
    let discarding = Order::new();
    let discard = {
        let (project, function) = (project.clone(), function.clone());
        move |_| {
            let (project, function) = (project.clone(), function.clone());
            let text = format!("{function} v{number} is discarded.");
            discarding.run(api.delete_version(&project, &function, number), move |()| {
                uploads.close();
                beat.now();
                toasts.say(text);
            });
        }
    };
    let may_deploy = ready && account.may_now(&project, Action::DeploymentCreate);
    let may_discard = account.may_now(&project, Action::VersionDelete);
    let details = place::version(&project, &function, number);
    let try_it = ready.then(|| {
        view! {
            <a class="button" href=format!("{}/", version.preview_url) target="_blank" rel="noreferrer">
                "Try it" <Icon glyph=Glyph::Out />
            </a>
        }
    });
    view! {
        <h3 class=if ready { "state ok" } else { "state failed" }>
            <Icon glyph=if ready { Glyph::Check } else { Glyph::Warning } />
            <span role="status">{heading}</span>
        </h3>
        <UploadSteps stage=Signal::derive(move || uploads.stage()) />
        <VerdictView version=version />
        <OrderError order=discarding />
        <div class="actions">
            {may_deploy.then(|| view! { <button type="button" class="button primary" on:click=deploy>"Deploy"</button> })}
            {try_it}
            <A href=details attr:class="button" on:click=move |_| uploads.close()>"Details"</A>
            {may_discard.then(|| view! {
                <button type="button" class="button" disabled=move || discarding.is_busy() on:click=discard>"Discard"</button>
            })}
        </div>
    }
}

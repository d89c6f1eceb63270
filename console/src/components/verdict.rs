//! What was found in a component: its world and its capabilities in words, or why it was refused.

use leptos::prelude::*;
use wire::{Failure, Handler, Start, Verdict, Version, VersionState, Wasi};

use super::{
    copy::CopyButton,
    icon::{Glyph, Icon},
};
use crate::format;

/// A version's verdict, whichever it is.
#[component]
pub(crate) fn VerdictView(
    /// The version.
    version: Version,
) -> impl IntoView {
    match (version.state, version.verdict, version.failure) {
        (_, _, Some(failure)) => view! { <Refused failure /> }.into_any(),
        (_, Some(verdict), None) => view! { <Accepted verdict /> }.into_any(),
        (VersionState::Preparing, ..) => {
            view! { <p class="muted">"The component is being checked and compiled."</p> }.into_any()
        }
        _ => view! { <p class="muted">"Nothing is known of the component."</p> }.into_any(),
    }
}

/// Why a component was refused: the reason, the place, the way out.
#[component]
fn Refused(failure: Failure) -> impl IntoView {
    let missing = (!failure.missing_imports.is_empty()).then(|| {
        let items = failure.missing_imports.iter().map(|name| view! { <li><code>{name.clone()}</code></li> });
        view! {
            <p>"Imports that the platform does not offer:"</p>
            <ul>{items.collect_view()}</ul>
        }
    });
    view! {
        <div class="card failed">
            <p class="card-title"><Icon glyph=Glyph::Warning /> "The component was refused"</p>
            <p>{failure.message.clone()}</p>
            {missing}
            <p class="muted">"Reason " <code>{failure.code.clone()}</code></p>
        </div>
    }
}

/// What a component that can run is and may do.
#[component]
fn Accepted(verdict: Verdict) -> impl IntoView {
    let wasi = match verdict.wasi {
        Wasi::Preview2 => "WASI 0.2",
        Wasi::Preview3 => "WASI 0.3",
    };
    let capabilities = if verdict.capabilities.is_empty() {
        view! { <li>"computes only: it imports nothing"</li> }.into_any()
    } else {
        verdict.capabilities.iter().map(|one| view! { <li>{one.in_words()}</li> }).collect_view().into_any()
    };
    let took: u64 = verdict.steps.iter().map(|step| step.duration_us).sum();
    let sizes = format!(
        "{} component → {} compiled",
        format::bytes(verdict.component_bytes),
        format::bytes(verdict.artifact_bytes)
    );
    view! {
        <dl class="facts">
            <div><dt>"Runs on"</dt><dd>{wasi}</dd></div>
            <div><dt>"Capabilities"</dt><dd><ul class="plain">{capabilities}</ul></dd></div>
            <div><dt>"Called by"</dt><dd>{triggers_of(&verdict.exports)}</dd></div>
            <div><dt>"Start"</dt><dd>{start(&verdict.start)}</dd></div>
            {verdict.unoptimised.then(|| view! {
                <div><dt>"Speed"</dt><dd>"Compiled without optimisation, which took too long: it runs slower than it could."</dd></div>
            })}
            <div><dt>"Size"</dt><dd class="number">{sizes}</dd></div>
            <div><dt>"Prepared in"</dt><dd class="number">{format::duration(took)}</dd></div>
        </dl>
        {(!verdict.init_log.is_empty()).then(|| view! {
            <details class="fold">
                <summary>"What init wrote"</summary>
                <div class="code-block"><pre tabindex="0"><code>{verdict.init_log.clone()}</code></pre></div>
            </details>
        })}
        <details class="fold">
            <summary>{format::count(verdict.imports.len(), "import")} ", " {format::count(verdict.exports.len(), "export")}</summary>
            <Interfaces title="Imports" names=verdict.imports />
            <Interfaces title="Exports" names=verdict.exports />
        </details>
        <details class="fold">
            <summary>"World"</summary>
            <div class="code-block">
                <CopyButton text=verdict.world.clone() what="the world" />
                <pre tabindex="0"><code>{verdict.world.clone()}</code></pre>
            </div>
        </details>
    }
}

/// What a fresh instance begins with, in words.
fn start(start: &Start) -> String {
    match start {
        Start::Plain => "Plain: the component exports no init".to_owned(),
        Start::Snapshot { init_us, memory_bytes } => format!(
            "From a snapshot: {} of init is done, {} of memory is shared",
            format::duration(*init_us),
            format::bytes(*memory_bytes)
        ),
        Start::Fallback { reason } => format!("Without a snapshot: {reason}"),
    }
}

/// A list of interfaces.
#[component]
fn Interfaces(title: &'static str, names: Vec<String>) -> impl IntoView {
    let items = names.into_iter().map(|name| view! { <li><code>{name}</code></li> }).collect_view();
    view! { <h4>{title}</h4> <ul class="plain">{items}</ul> }
}

/// What can call a component with these exports.
fn triggers_of(exports: &[String]) -> String {
    let in_words = |handler: Handler| match handler {
        Handler::Http => "HTTP requests",
        Handler::Queue => "messages of queues",
        Handler::Cron => "schedules",
        Handler::Function => "calls by name",
        Handler::WebSocket => "WebSockets",
    };
    let handled = Handler::ALL.into_iter().filter(|handler| handler.is_among(exports));
    handled.map(in_words).collect::<Vec<_>>().join(", ")
}

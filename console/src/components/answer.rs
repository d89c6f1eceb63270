//! What a function answered to a test request, and what it used.

use leptos::prelude::*;
use wire::{InvokeAnswer, LogLine, Outcome, Stream};

use super::{
    copy::CopyButton,
    icon::{Glyph, Icon},
};
use crate::format;

/// Status, figures, body, headers and log lines.
#[component]
pub(crate) fn AnswerView(
    /// The answer.
    answer: InvokeAnswer,
) -> impl IntoView {
    let went_well = answer.outcome == Outcome::Ok && answer.status < 500;
    let (class, glyph) = if went_well { ("state ok", Glyph::Check) } else { ("state failed", Glyph::Warning) };
    let usage = answer.usage;
    let error = answer.error.clone().map(|error| {
        view! {
            <div class="card failed" role="alert">
                <p class="card-title"><Icon glyph=Glyph::Warning /> {outcome(answer.outcome)}</p>
                <p>{error}</p>
            </div>
        }
    });
    let id = answer.invocation_id.clone();
    view! {
        <div class="section-head">
            <h3>"Answer"</h3>
            <span class=class><Icon glyph /> <span class="number">{answer.status}</span></span>
            <span class="muted">"from v" {answer.version}</span>
        </div>
        {error}
        <dl class="figures">
            <div><dt>"Duration"</dt><dd>{format::duration(usage.wall_us)}</dd></div>
            <div><dt>"Start"</dt><dd>{format::duration(usage.instantiate_us)}</dd></div>
            <div><dt>"CPU time"</dt><dd>{format::duration(usage.cpu_us)}</dd></div>
            <div><dt>"Memory"</dt><dd>{format::bytes(usage.memory_peak_bytes)}</dd></div>
            <div><dt>"Body"</dt><dd>{format::bytes(usage.response_bytes)}</dd></div>
        </dl>
        <Body answer=answer.clone() />
        <Headers headers=answer.headers />
        <Logs lines=answer.logs truncated=answer.logs_truncated />
        <p class="muted">"Invocation " <code class="wrap">{id.clone()}</code> <CopyButton text=id what="the invocation id" /></p>
    }
}

/// The body: JSON with line breaks, other text as it is, bytes as base64.
#[component]
fn Body(answer: InvokeAnswer) -> impl IntoView {
    if answer.body.is_empty() {
        return view! { <p class="muted">"The body is empty."</p> }.into_any();
    }
    let note = match (answer.body_is_base64, answer.body_truncated) {
        (true, true) => "In base64, the first 1 MiB.",
        (true, false) => "Not text, therefore in base64.",
        (false, true) => "The first 1 MiB.",
        (false, false) => "",
    };
    let pretty = pretty_json(&answer.body).unwrap_or_else(|| answer.body.clone());
    view! {
        <div class="code-block">
            <CopyButton text=answer.body what="the body" />
            <pre tabindex="0" aria-label="Body"><code>{pretty}</code></pre>
        </div>
        <p class="note">{note}</p>
    }
    .into_any()
}

/// The text with line breaks and indents, where it is JSON.
pub(crate) fn pretty_json(text: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    serde_json::to_string_pretty(&value).ok()
}

/// The answer's headers, folded away.
#[component]
fn Headers(headers: Vec<(String, String)>) -> impl IntoView {
    let count = format::count(headers.len(), "header");
    let rows = headers.into_iter().map(|(name, value)| {
        view! { <div><dt class="mono">{name}</dt><dd class="mono wrap">{value}</dd></div> }
    });
    view! { <details class="fold"><summary>{count}</summary><dl class="facts">{rows.collect_view()}</dl></details> }
}

/// What the function wrote.
#[component]
fn Logs(lines: Vec<LogLine>, truncated: bool) -> impl IntoView {
    if lines.is_empty() {
        return view! { <p class="muted">"It wrote no log lines."</p> }.into_any();
    }
    let rows = lines.into_iter().map(|line| {
        let (class, stream) = match line.stream {
            Stream::Stdout => ("out", "stdout"),
            Stream::Stderr => ("err", "stderr"),
        };
        view! { <li class=class><span class="muted">{stream}</span> <span>{line.text}</span></li> }
    });
    view! {
        <h4>"Log lines"</h4>
        <ol class="log" tabindex="0" aria-label="Log lines">{rows.collect_view()}</ol>
        {truncated.then(|| view! { <p class="muted">"It wrote more than is kept (256 KiB)."</p> })}
    }
    .into_any()
}

/// How an invocation ended, in words.
fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "It answered",
        Outcome::Failed => "It said that it failed",
        Outcome::Trapped => "It trapped",
        Outcome::TimedOut => "It ran out of time",
        Outcome::CpuExceeded => "It used up its CPU time",
        Outcome::OutOfMemory => "It ran out of memory",
        Outcome::NoAnswer => "It gave no answer",
        Outcome::RequestTooLarge => "Its request was too large",
        Outcome::Cancelled => "It was cancelled",
        Outcome::Unavailable => "No instance could be had",
    }
}

//! What passes over a connection while one looks.

use std::collections::VecDeque;

use leptos::prelude::*;
use wire::{ConnectionFrame, Direction};

use crate::{
    api::{Api, Told},
    components::{
        icon::{Glyph, Icon},
        table::state,
    },
    format,
};

/// The most frames that stay on show.
const MOST: usize = 200;

/// The frames, the latest first; what they carry is hidden until it is asked for.
#[component]
pub(super) fn Frames(
    /// The project's name.
    project: Memo<String>,
    /// The connection's id.
    id: Memo<String>,
    /// Set once the connection is closed.
    closed: RwSignal<bool>,
) -> impl IntoView {
    let api = Api::here();
    let frames = RwSignal::new(VecDeque::<ConnectionFrame>::new());
    let (missed, shown) = (RwSignal::new(0_u64), RwSignal::new(false));
    let watch = StoredValue::new_local(None);
    let tell = move |told: Told| match told {
        Told::Frame(frame) => frames.update(|frames| {
            frames.push_front(frame);
            frames.truncate(MOST);
        }),
        Told::Missed(count) => missed.update(|missed| *missed += count),
        Told::Closed => closed.set(true),
    };
    Effect::new(move |_| {
        frames.set(VecDeque::new());
        missed.set(0);
        closed.set(false);
        watch.set_value(api.watch_connection(&project.get(), &id.get(), tell));
    });
    on_cleanup(move || {
        let _ = watch.try_set_value(None);
    });
    let at = move || {
        if closed.get() {
            state("state waiting", Glyph::Close, "closed")
        } else {
            state("state ok", Glyph::Check, "watching")
        }
    };
    let rows = move || {
        let shown = shown.get();
        let rows: Vec<_> = frames.get().into_iter().map(|frame| frame_row(frame, shown)).collect();
        rows
    };
    let gap = move || {
        let missed = missed.get();
        (missed > 0)
            .then(|| view! { <p class="note">{format::count_of(missed, "message")} " came too fast to be shown."</p> })
    };
    view! {
        <section class="panel" aria-label="Messages">
            <div class="section-head">
                <h2>"Messages"</h2>
                {at}
                <span class="grow"></span>
                <label class="check">
                    <input type="checkbox" prop:checked=move || shown.get() on:change=move |_| shown.update(|on| *on = !*on) />
                    " Show what they carry"
                </label>
            </div>
            {gap}
            <Show
                when=move || !frames.with(VecDeque::is_empty)
                fallback=|| view! { <p class="muted">"None has passed since this page is open. Each appears here as it passes."</p> }
            >
                <ol class="log" tabindex="0" aria-live="polite" aria-label="Messages, the latest first">{rows}</ol>
            </Show>
        </section>
    }
}

/// One message.
fn frame_row(frame: ConnectionFrame, shown: bool) -> AnyView {
    let (glyph, way) = match frame.direction {
        Direction::In => (Glyph::Down, "in"),
        Direction::Out => (Glyph::Upload, "out"),
    };
    let kind = if frame.is_text { "text" } else { "binary" };
    let what = format!("{} {kind}, {}", format::clock(frame.at_us), format::bytes(frame.bytes));
    let body = shown.then(|| {
        let more = if frame.body_truncated { "…" } else { "" };
        format!("{}{more}", frame.body)
    });
    view! {
        <li>
            <span class="muted"><Icon glyph /> " " {way}</span>
            <span class="muted number">{what}</span>
            <span>{body}</span>
        </li>
    }
    .into_any()
}

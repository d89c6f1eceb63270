//! What became of a schedule's slots.

use leptos::prelude::*;
use wire::{Page, Slot, SlotKind, SlotState};

use crate::{
    components::{
        copy::CopyButton,
        icon::Glyph,
        more::More,
        table::{Column, nothing, row, second, state, table},
        time::{When, WhenBoth},
    },
    format,
};

const COLUMNS: &[Column] = &[
    Column::text("Due"),
    Column::text("Became"),
    Column::figure("Took"),
    Column::figure("Tries"),
    Column::text("Invocation"),
];

/// The ledger, latest slot first.
#[component]
pub(super) fn LedgerTable(
    /// The slots.
    page: Page<Slot>,
    /// How many pages are on show.
    pages: RwSignal<u32>,
) -> impl IntoView {
    let more = page.next_cursor.is_some();
    let rows = page.items.into_iter().map(slot_row).collect();
    view! { {table(COLUMNS, rows)} <More there_is=more pages /> }
}

/// One slot.
fn slot_row(slot: Slot) -> AnyView {
    let took = slot.started_at_us.zip(slot.finished_at_us).map_or_else(
        || "—".to_owned(),
        |(from, to)| format::duration(to.as_us().saturating_sub(from.as_us()).try_into().unwrap_or_default()),
    );
    let why = match (slot.kind, &slot.requested_by) {
        (SlotKind::Manual, Some(by)) => format!("asked for by {by}"),
        (SlotKind::Manual, None) => "asked for".to_owned(),
        (SlotKind::Late, _) => "no server was there in time".to_owned(),
        (SlotKind::Due, _) => String::new(),
    };
    let again = slot.available_at_us.filter(|_| slot.state == SlotState::Retrying);
    let again = again.map(|at| view! { <span class="second">"tried again " <When at /></span> });
    let version = slot.version.map(|version| second(format!("on {version}")));
    let invocation = slot.invocation_id.map_or_else(
        || nothing("none"),
        |id| {
            view! { <code class="wrap">{id.clone()}</code> <CopyButton text=id what="the invocation id" /> }.into_any()
        },
    );
    row(
        COLUMNS,
        vec![
            view! { <WhenBoth at=slot.scheduled_at_us /> {second(why)} }.into_any(),
            view! { {slot_state(slot.state)} {again} {second(slot.error.unwrap_or_default())} }.into_any(),
            took.into_any(),
            slot.attempt.to_string().into_any(),
            view! { {invocation} {version} }.into_any(),
        ],
    )
}

/// What became of a slot, in words beside a sign and a colour.
pub(super) fn slot_state(at: SlotState) -> AnyView {
    let (class, glyph, word) = match at {
        SlotState::Waiting => ("state waiting", Glyph::Clock, "about to run"),
        SlotState::Running => ("state info", Glyph::Wait, "running"),
        SlotState::Retrying => ("state waiting", Glyph::Back, "failed, to be tried again"),
        SlotState::Ran => ("state ok", Glyph::Check, "ran"),
        SlotState::Failed => ("state failed", Glyph::Warning, "failed"),
        SlotState::SkippedOverlap => ("state waiting", Glyph::Pause, "skipped: the one before still ran"),
        SlotState::MissedDown => ("state waiting", Glyph::Close, "missed: no server was there"),
        SlotState::CaughtUp => ("state ok", Glyph::Check, "made up for"),
    };
    state(class, glyph, word)
}

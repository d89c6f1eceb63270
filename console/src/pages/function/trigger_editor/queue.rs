//! The fields of a queue trigger.

use leptos::prelude::*;
use wire::{QueueTrigger, Trigger};

use super::whole;
use crate::{api::Api, components::field::TextField, pages::function::Here, remote::Remote};

/// A queue trigger while it is edited.
#[derive(Clone, Copy)]
pub(super) struct QueueRow {
    queue: RwSignal<String>,
    batch_size: RwSignal<String>,
    batch_window_ms: RwSignal<String>,
    max_concurrency: RwSignal<String>,
    max_receives: RwSignal<String>,
    timeout_ms: RwSignal<String>,
    dead_letter_queue: RwSignal<String>,
    pub(super) wrong: RwSignal<Option<String>>,
}

impl QueueRow {
    /// With the values of `queue`, or the defaults.
    pub(super) fn of(queue: Option<&QueueTrigger>) -> Self {
        // Only the name has no default; it is typed before anything is read.
        let usual = || "queue".parse().ok().map(QueueTrigger::on);
        let name = queue.map(|queue| queue.queue.to_string()).unwrap_or_default();
        let shown = queue.cloned().or_else(usual);
        let figure =
            |of: fn(&QueueTrigger) -> u32| RwSignal::new(shown.as_ref().map(of).unwrap_or_default().to_string());
        let letters = queue.and_then(|queue| queue.dead_letter_queue.as_ref()).map(ToString::to_string);
        Self {
            queue: RwSignal::new(name),
            batch_size: figure(|queue| queue.batch_size),
            batch_window_ms: figure(|queue| queue.batch_window_ms),
            max_concurrency: figure(|queue| queue.max_concurrency),
            max_receives: figure(|queue| queue.max_receives),
            timeout_ms: figure(|queue| queue.timeout_ms),
            dead_letter_queue: RwSignal::new(letters.unwrap_or_default()),
            wrong: RwSignal::new(None),
        }
    }

    /// The trigger, or what is wrong with it.
    pub(super) fn read(self) -> Result<Trigger, String> {
        let queue = self.queue.with_untracked(|name| name.trim().parse()).map_err(|invalid| format!("{invalid}"))?;
        let letters = self.dead_letter_queue.with_untracked(|name| name.trim().to_owned());
        let letters = Some(letters).filter(|name| !name.is_empty()).map(|name| name.parse()).transpose();
        Ok(Trigger::Queue(QueueTrigger {
            batch_size: whole("Batch", self.batch_size)?,
            batch_window_ms: whole("Waits for more", self.batch_window_ms)?,
            max_concurrency: whole("At once", self.max_concurrency)?,
            max_receives: whole("Tries", self.max_receives)?,
            timeout_ms: whole("Time", self.timeout_ms)?,
            dead_letter_queue: letters.map_err(|invalid| format!("dead_letter_{invalid}"))?,
            ..QueueTrigger::on(queue)
        }))
    }
}

/// The queue, and how its messages are handed out.
#[component]
pub(super) fn QueueFields(
    /// The function.
    here: Here,
    /// The trigger.
    row: QueueRow,
) -> impl IntoView {
    let api = Api::here();
    let queues = Remote::new(
        move || here.project.get(),
        move |project| async move { api.list_queues(&project, 4).await.map(|page| page.items) },
    );
    let known =
        Memo::new(move |_| queues.get().unwrap_or_default().into_iter().map(|queue| queue.name).collect::<Vec<_>>());
    let fate = move || {
        let name = row.queue.get();
        match (name.trim(), known.with(|known| known.iter().any(|known| known == name.trim()))) {
            ("", _) => String::new(),
            (_, true) => "The queue is there.".to_owned(),
            (_, false) if queues.get().is_some() => "There is no such queue yet; deploying creates it.".to_owned(),
            _ => String::new(),
        }
    };
    view! {
        <div class="trio">
            <TextField label="Queue" value=row.queue required=true mono=true maxlength=48 />
            <TextField label="Batch" value=row.batch_size kind="number" hint="Messages of one invocation at most: 1 to 100." />
            <TextField label="Waits for more, in ms" value=row.batch_window_ms kind="number" hint="How long a batch may take to fill: 0 to 60,000." />
            <TextField label="At once" value=row.max_concurrency kind="number" hint="Invocations, over all servers: 1 to 1,000." />
            <TextField label="Tries" value=row.max_receives kind="number" hint="Then a message is put aside: 1 to 100." />
            <TextField label="Time, in ms" value=row.timeout_ms kind="number" hint="Of one invocation: 1 to 900,000." />
            <TextField label="Dead-letter queue" value=row.dead_letter_queue mono=true maxlength=48 hint="Empty for the queue's name with -dlq." />
        </div>
        <p class="note" role="status">{fate}</p>
    }
}

//! Short messages about what was just done.

use std::{sync::Arc, time::Duration};

use leptos::prelude::*;

/// A message, with a way to take back what it tells of where there is one.
#[derive(Clone)]
pub(crate) struct Toast {
    /// Tells it from the others.
    pub(crate) id: u32,
    /// What was done.
    pub(crate) text: String,
    /// The label of its button and what the button does.
    pub(crate) action: Option<(String, Arc<dyn Fn() + Send + Sync>)>,
}

/// All messages on show; the newest last.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

impl Toasts {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self { list: RwSignal::new(Vec::new()), next: StoredValue::new(0) }
    }

    /// The messages on show.
    pub(crate) fn list(self) -> Vec<Toast> {
        self.list.get()
    }

    /// Says `text` for six seconds.
    pub(crate) fn say(self, text: impl Into<String>) {
        self.push(text.into(), None, Duration::from_secs(6));
    }

    /// Says `text` for 30 seconds, with a button.
    pub(crate) fn offer(self, text: impl Into<String>, label: &str, act: impl Fn() + Send + Sync + 'static) {
        self.push(text.into(), Some((label.to_owned(), Arc::new(act))), Duration::from_secs(30));
    }

    /// Takes a message away.
    pub(crate) fn dismiss(self, id: u32) {
        self.list.update(|list| list.retain(|toast| toast.id != id));
    }

    fn push(self, text: String, action: Option<(String, Arc<dyn Fn() + Send + Sync>)>, time: Duration) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.list.update(|list| list.push(Toast { id, text, action }));
        set_timeout(move || self.dismiss(id), time);
    }
}

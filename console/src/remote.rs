//! Data of the server that a page shows: it keeps the last answer on show while a newer one loads.

use std::{future::Future, time::Duration};

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::Error,
    browser,
    components::{error::ErrorCard, loading::Loading, stale::StaleNotice},
};

/// How often what is on show is loaded again while the page is in front.
const REFRESH: Duration = Duration::from_secs(15);

/// Counts up whenever what is on show should be loaded again.
#[derive(Clone, Copy)]
pub(crate) struct Beat(RwSignal<u32>);

impl Beat {
    /// Beats every 15 s while the page is in front, and when it comes to the front.
    pub(crate) fn start() -> Self {
        let beat = Self(RwSignal::new(0));
        let tick = move || {
            if browser::is_visible() {
                beat.now();
            }
        };
        let _ = set_interval_with_handle(tick, REFRESH);
        let listener = window_event_listener(leptos::ev::visibilitychange, move |_| tick());
        on_cleanup(move || listener.remove());
        beat
    }

    /// Beats once, since something changed.
    pub(crate) fn now(self) {
        self.0.update(|count| *count = count.wrapping_add(1));
    }

    /// Counts the beats; tracked, so that what shows a time counts on.
    pub(crate) fn track(self) {
        self.0.track();
    }
}

/// One answer of the server and what became of the newest try to load it.
pub(crate) struct Remote<T: Send + Sync + 'static> {
    value: RwSignal<Option<T>>,
    error: RwSignal<Option<Error>>,
    loaded_at_us: RwSignal<i64>,
    again: RwSignal<u32>,
}

impl<T: Send + Sync + 'static> Clone for Remote<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Remote<T> {}

impl<T: Clone + PartialEq + Send + Sync + 'static> Remote<T> {
    /// Loads what belongs to `key`, at once, whenever the key changes and with each [`Beat`].
    pub(crate) fn new<K, F>(key: impl Fn() -> K + 'static, load: impl Fn(K) -> F + 'static) -> Self
    where
        K: Clone + PartialEq + 'static,
        F: Future<Output = Result<T, Error>> + 'static,
    {
        let remote = Self {
            value: RwSignal::new(None),
            error: RwSignal::new(None),
            loaded_at_us: RwSignal::new(0),
            again: RwSignal::new(0),
        };
        let beat = expect_context::<Beat>();
        // The number of the newest try: an answer to an older one comes too late and is dropped.
        let newest = StoredValue::new(0_u32);
        Effect::new(move |previous: Option<K>| {
            remote.again.track();
            beat.track();
            let key = key();
            if previous.is_some_and(|previous| previous != key) {
                remote.value.set(None);
                remote.error.set(None);
            }
            newest.update_value(|number| *number = number.wrapping_add(1));
            let mine = newest.get_value();
            let answer = load(key.clone());
            spawn_local(async move {
                let answer = answer.await;
                if newest.try_get_value() == Some(mine) {
                    remote.take(answer);
                }
            });
            key
        });
        remote
    }

    fn take(self, answer: Result<T, Error>) {
        match answer {
            Ok(value) => {
                self.loaded_at_us.set(browser::now_us());
                if self.error.with_untracked(Option::is_some) {
                    self.error.set(None);
                }
                if self.value.with_untracked(|old| old.as_ref() != Some(&value)) {
                    self.value.set(Some(value));
                }
            }
            Err(error) => self.error.set(Some(error)),
        }
    }

    /// The last answer.
    pub(crate) fn get(self) -> Option<T> {
        self.value.get()
    }

    /// Loads again every so often while the page is in front, until what shows it is gone.
    pub(crate) fn every(self, span: Duration) {
        let tick = move || {
            if browser::is_visible() {
                self.reload();
            }
        };
        if let Ok(handle) = set_interval_with_handle(tick, span) {
            on_cleanup(move || handle.clear());
        }
    }

    /// Loads again.
    pub(crate) fn reload(self) {
        self.again.update(|count| *count = count.wrapping_add(1));
    }

    /// Draws the last answer with `draw`; before the first one that it loads, and a failure where
    /// there is one. `what` names the data, such as `functions`.
    pub(crate) fn view<V: IntoView + 'static>(
        self,
        what: &'static str,
        draw: impl Fn(T) -> V + Send + Sync + 'static,
    ) -> impl IntoView {
        let stale = move || {
            let error = self.error.get().filter(|_| self.value.with(Option::is_some))?;
            let since = wire::Timestamp(self.loaded_at_us.get_untracked());
            Some(view! { <StaleNotice error since retry=move || self.reload() /> })
        };
        let body = move || match self.value.get() {
            Some(value) => draw(value).into_any(),
            None => match self.error.get() {
                Some(error) => view! { <ErrorCard error retry=move || self.reload() /> }.into_any(),
                None => view! { <Loading what /> }.into_any(),
            },
        };
        view! { {stale} {body} }
    }
}

//! Data of the server that a page shows: it keeps the last answer on show while a newer one loads.

use std::{any::Any, future::Future, marker::PhantomData, sync::Arc, time::Duration};

use futures::future::LocalBoxFuture;
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

/// An answer of the server; the [`Remote`] that loaded it knows of which type.
type Answer = Arc<dyn Any + Send + Sync>;

/// One try to load: whether it is for something else than the try before, and the answer to come.
type Try = (bool, LocalBoxFuture<'static, Result<Answer, Error>>);

/// The last answer and what became of the newest try to load it.
///
/// Knows no types of answers: what each of them added would be a good part of the bundle.
#[derive(Clone, Copy)]
struct Loaded {
    answer: RwSignal<Option<Answer>>,
    error: RwSignal<Option<Error>>,
    at_us: RwSignal<i64>,
    again: RwSignal<u32>,
    /// The number of the newest try: an answer to an older one comes too late and is dropped.
    newest: StoredValue<u32>,
}

impl Loaded {
    /// Begins a try with `begin` at once, whenever a signal that it reads changes, and with each [`Beat`].
    /// An answer that is the `same` as the last one changes nothing on show.
    fn start(mut begin: Box<dyn FnMut() -> Try>, same: fn(&Answer, &Answer) -> bool) -> Self {
        let loaded = Self {
            answer: RwSignal::new(None),
            error: RwSignal::new(None),
            at_us: RwSignal::new(0),
            again: RwSignal::new(0),
            newest: StoredValue::new(0),
        };
        let beat = expect_context::<Beat>();
        Effect::new(move |_: Option<()>| {
            loaded.again.track();
            beat.track();
            let (other, answer) = begin();
            if other {
                loaded.answer.set(None);
                loaded.error.set(None);
            }
            loaded.newest.update_value(|number| *number = number.wrapping_add(1));
            let mine = loaded.newest.get_value();
            spawn_local(async move {
                let answer = answer.await;
                if loaded.newest.try_get_value() == Some(mine) {
                    loaded.take(answer, same);
                }
            });
        });
        loaded
    }

    fn take(self, answer: Result<Answer, Error>, same: fn(&Answer, &Answer) -> bool) {
        match answer {
            Ok(answer) => {
                self.at_us.set(browser::now_us());
                if self.error.with_untracked(Option::is_some) {
                    self.error.set(None);
                }
                if self.answer.with_untracked(|old| old.as_ref().is_none_or(|old| !same(old, &answer))) {
                    self.answer.set(Some(answer));
                }
            }
            Err(error) => self.error.set(Some(error)),
        }
    }

    fn every(self, span: Duration, wanted: Box<dyn Fn() -> bool>) {
        let tick = move || {
            if browser::is_visible() && wanted() {
                self.reload();
            }
        };
        if let Ok(handle) = set_interval_with_handle(tick, span) {
            on_cleanup(move || handle.clear());
        }
    }

    fn reload(self) {
        self.again.update(|count| *count = count.wrapping_add(1));
    }

    /// Tells that what is on show is old, where it is.
    fn stale(self) -> AnyView {
        let notice = move || {
            let error = self.error.get().filter(|_| self.answer.with(Option::is_some))?;
            let since = wire::Timestamp(self.at_us.get_untracked());
            Some(view! { <StaleNotice error since retry=move || self.reload() /> })
        };
        notice.into_any()
    }

    /// Stands where there is no answer: that it loads, or why it could not be had.
    fn missing(self, what: &'static str) -> AnyView {
        match self.error.get() {
            Some(error) => view! { <ErrorCard error retry=move || self.reload() /> }.into_any(),
            None => view! { <Loading what /> }.into_any(),
        }
    }
}

/// One answer of the server and what became of the newest try to load it.
pub(crate) struct Remote<T> {
    loaded: Loaded,
    answer: PhantomData<fn() -> T>,
}

impl<T> Clone for Remote<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Remote<T> {}

impl<T: Clone + PartialEq + Send + Sync + 'static> Remote<T> {
    /// Loads what belongs to `key`, at once, whenever the key changes and with each [`Beat`].
    pub(crate) fn new<K, F>(key: impl Fn() -> K + 'static, load: impl Fn(K) -> F + 'static) -> Self
    where
        K: Clone + PartialEq + 'static,
        F: Future<Output = Result<T, Error>> + 'static,
    {
        let mut previous = None;
        let begin = move || -> Try {
            let key = key();
            let other = previous.replace(key.clone()).is_some_and(|previous| previous != key);
            let answer = load(key);
            (other, Box::pin(async move { answer.await.map(|value| Arc::new(value) as Answer) }))
        };
        let same = |old: &Answer, new: &Answer| old.downcast_ref::<T>() == new.downcast_ref::<T>();
        Self { loaded: Loaded::start(Box::new(begin), same), answer: PhantomData }
    }

    /// The last answer.
    pub(crate) fn get(self) -> Option<T> {
        self.loaded.answer.get().and_then(|answer| answer.downcast_ref().cloned())
    }

    /// Loads again every so often while the page is in front, until what shows it is gone.
    pub(crate) fn every(self, span: Duration) {
        self.loaded.every(span, Box::new(|| true));
    }

    /// Loads again every so often while the last answer is `wanted` anew and the page is in front.
    pub(crate) fn every_while(self, span: Duration, wanted: fn(&T) -> bool) {
        let wanted = move || {
            let answer = self.loaded.answer.get_untracked();
            answer.is_some_and(|answer| answer.downcast_ref().is_some_and(wanted))
        };
        self.loaded.every(span, Box::new(wanted));
    }

    /// Loads again.
    pub(crate) fn reload(self) {
        self.loaded.reload();
    }

    /// Draws the last answer with `draw`; before the first one that it loads, and a failure where
    /// there is one. `what` names the data, such as `functions`.
    pub(crate) fn view<V: IntoView + 'static>(
        self,
        what: &'static str,
        draw: impl Fn(T) -> V + Send + Sync + 'static,
    ) -> impl IntoView {
        let loaded = self.loaded;
        let body: Box<dyn Fn() -> AnyView + Send + Sync> =
            Box::new(move || self.get().map_or_else(|| loaded.missing(what), |value| draw(value).into_any()));
        view! { {loaded.stale()} {body} }
    }
}

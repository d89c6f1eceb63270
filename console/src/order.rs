//! An order to the server: whether it is under way, and how it failed.

use std::future::Future;

use futures::future::LocalBoxFuture;
use leptos::{prelude::*, task::spawn_local};

use crate::api::Error;

/// What is left to do with an order's result.
type Done = Box<dyn FnOnce()>;

/// The state of one button or form that changes something. Runs one change at a time.
#[derive(Clone, Copy)]
pub(crate) struct Order {
    busy: RwSignal<bool>,
    error: RwSignal<Option<Error>>,
}

impl Order {
    /// Nothing is under way.
    pub(crate) fn new() -> Self {
        Self { busy: RwSignal::new(false), error: RwSignal::new(None) }
    }

    /// Does `work`, then `done` with its result; a failure stays to be shown. Does nothing while an
    /// earlier run is under way.
    pub(crate) fn run<T: 'static>(
        self,
        work: impl Future<Output = Result<T, Error>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        self.follow(Box::pin(async move { work.await.map(|value| Box::new(move || done(value)) as Done) }));
    }

    /// Follows an order of any kind to its end.
    ///
    /// Knows no types of answers: what each kind of order added would be a good part of the bundle.
    fn follow(self, work: LocalBoxFuture<'static, Result<Done, Error>>) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.error.set(None);
        spawn_local(async move {
            let answer = work.await;
            // The page may be gone by now, and its signals with it.
            let _ = self.busy.try_set(false);
            match answer {
                Ok(done) => done(),
                Err(error) => {
                    let _ = self.error.try_set(Some(error));
                }
            }
        });
    }

    /// Whether it is under way.
    pub(crate) fn is_busy(self) -> bool {
        self.busy.get()
    }

    /// How the last run failed.
    pub(crate) fn error(self) -> Option<Error> {
        self.error.get()
    }

    /// What the last run said about the input `field`.
    pub(crate) fn field_error(self, field: &str) -> Option<String> {
        self.error.with(|error| error.as_ref().and_then(|error| error.field(field)))
    }
}

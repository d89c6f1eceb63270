//! Who sits in front of the browser, and what they may do where.

use leptos::prelude::*;
use wire::{Action, Session, WhoamiProject};

use crate::api::Error;

/// What is known about the person at the browser.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Seat {
    /// The server has not said yet.
    Unknown,
    /// Nobody has signed in.
    Nobody,
    /// This person has.
    Taken(Box<Session>),
    /// The server could not say.
    Failed(Error),
}

/// The handle through which all parts read and change the [`Seat`].
#[derive(Clone, Copy)]
pub(crate) struct Account(RwSignal<Seat>);

impl Account {
    /// Nothing is known yet.
    pub(crate) fn new() -> Self {
        Self(RwSignal::new(Seat::Unknown))
    }

    /// What is known now.
    pub(crate) fn seat(self) -> Seat {
        self.0.get()
    }

    /// Notes what became known.
    pub(crate) fn set(self, seat: Seat) {
        if self.0.get_untracked() != seat {
            self.0.set(seat);
        }
    }

    /// Notes that the session is over, where there was one.
    pub(crate) fn end(self) {
        if matches!(self.0.get_untracked(), Seat::Taken(_)) {
            self.0.set(Seat::Nobody);
        }
    }

    /// What requests that change something must carry. Not tracked.
    pub(crate) fn csrf_token(self) -> Option<String> {
        self.0.with_untracked(|seat| match seat {
            Seat::Taken(session) => Some(session.csrf_token.clone()),
            _ => None,
        })
    }

    /// The person's name.
    pub(crate) fn name(self) -> String {
        self.0.with(|seat| match seat {
            Seat::Taken(session) => session.whoami.name.clone(),
            _ => String::new(),
        })
    }

    /// The person's id.
    pub(crate) fn id(self) -> String {
        self.0.with(|seat| match seat {
            Seat::Taken(session) => session.whoami.id.clone(),
            _ => String::new(),
        })
    }

    /// The projects that the person sees.
    pub(crate) fn projects(self) -> Vec<WhoamiProject> {
        self.0.with(|seat| match seat {
            Seat::Taken(session) => session.whoami.projects.clone(),
            _ => Vec::new(),
        })
    }

    /// Whether the person may do `action` in `project`, for what is drawn once. Not tracked.
    pub(crate) fn may_now(self, project: &str, action: Action) -> bool {
        untrack(|| self.may(project, action))
    }

    /// Whether the person may do `action` in `project`.
    pub(crate) fn may(self, project: &str, action: Action) -> bool {
        self.0.with(|seat| match seat {
            Seat::Taken(session) => {
                session.whoami.projects.iter().any(|known| known.name == project && known.actions.contains(&action))
            }
            _ => false,
        })
    }
}

//! Where a person is: one thing of a project, which several pages show.

use leptos::prelude::*;
use wire::Action;

use crate::{account::Account, remote::Remote};

/// What all pages of one thing share.
pub(crate) struct Here<T: 'static> {
    /// The project's name.
    pub(crate) project: Memo<String>,
    /// The thing's name.
    pub(crate) name: Memo<String>,
    /// The thing itself.
    pub(crate) found: Remote<T>,
}

impl<T> Clone for Here<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Here<T> {}

impl<T: 'static> Here<T> {
    /// Of the page that is being drawn.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// The names of project and thing, without being told of changes.
    pub(crate) fn names(self) -> (String, String) {
        (self.project.get_untracked(), self.name.get_untracked())
    }

    /// Whether the person may do `action` here.
    pub(crate) fn may(self, action: Action) -> bool {
        expect_context::<Account>().may_now(&self.project.get_untracked(), action)
    }
}

//! Whose invocation an instance serves at the moment.

use std::sync::{Arc, Mutex, PoisonError};

use crate::account::Account;

/// The account of the invocation that an instance serves; empty between two of them.
///
/// What a guest keeps across invocations, such as its standard output, reaches the account through
/// here, so that nothing of an invocation that is over is held or written to.
#[derive(Default)]
pub(crate) struct Seat(Mutex<Option<Arc<Account>>>);

impl Seat {
    /// Seats `account`, and gives back whose seat it was.
    pub(crate) fn take(&self, account: Option<Arc<Account>>) -> Option<Arc<Account>> {
        std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), account)
    }

    /// Lets `use_it` at the account, if there is one.
    pub(crate) fn with<T>(&self, use_it: impl FnOnce(&Account) -> T) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_deref().map(use_it)
    }
}

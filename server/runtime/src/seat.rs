//! Whose invocations an instance serves at the moment.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use crate::{account::Account, meter::Meter};

/// The accounts of the invocations that an instance serves; nobody's between two of them.
///
/// What a guest keeps across invocations, such as its standard output, reaches the account through
/// here, so that nothing of an invocation that is over is held or written to.
#[derive(Default)]
pub(crate) struct Seat(Mutex<Party>);

/// Whom an instance serves.
#[derive(Default)]
pub(crate) enum Party {
    #[default]
    Nobody,
    One(Arc<Account>),
    Company(Arc<Company>),
}

impl Seat {
    /// Seats `party`.
    pub(crate) fn take(&self, party: Party) {
        let before = mem::replace(&mut *self.party(), party);
        // With it an invocation may end, which others hear of: not while the seat is locked.
        drop(before);
    }

    /// Lets `use_it` at the account, if there is one; of several, at that of the invocation that came last.
    pub(crate) fn with<T>(&self, use_it: impl FnOnce(&Account) -> T) -> Option<T> {
        match &*self.party() {
            Party::Nobody => None,
            Party::One(account) => Some(use_it(account)),
            Party::Company(company) => company.present().last().map(|account| use_it(account)),
        }
    }

    /// Lets `use_it` at every account.
    pub(crate) fn each(&self, mut use_it: impl FnMut(&Account)) {
        match &*self.party() {
            Party::Nobody => {}
            Party::One(account) => use_it(account),
            Party::Company(company) => company.present().iter().for_each(|account| use_it(account)),
        }
    }

    /// Whether the guest has used up CPU time that it is given, or is given none; asked within a poll, by the thread
    /// that polls.
    pub(crate) fn is_exceeded(&self) -> bool {
        match &*self.party() {
            Party::Nobody => true,
            Party::One(account) => account.cpu.is_exceeded(),
            Party::Company(company) => company.is_exceeded(),
        }
    }

    fn party(&self) -> MutexGuard<'_, Party> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The accounts of the invocations that one instance serves at a time, in the order in which they came. Each belongs to
/// it until its end.
pub(crate) struct Company {
    accounts: Mutex<Vec<Weak<Account>>>,
    cpu: Meter,
}

impl Company {
    pub(crate) fn new() -> Self {
        Self { accounts: Mutex::default(), cpu: Meter::unlimited() }
    }

    /// Adds `account`.
    pub(crate) fn join(&self, account: &Arc<Account>) {
        let mut accounts = self.accounts();
        accounts.retain(|account| account.strong_count() > 0);
        accounts.push(Arc::downgrade(account));
    }

    /// Those whose invocation is not over.
    pub(crate) fn present(&self) -> Vec<Arc<Account>> {
        self.accounts().iter().filter_map(Weak::upgrade).collect()
    }

    /// Runs `poll` and bills what it used to all that are present, in equal parts: the guest does not say for whom it
    /// works.
    pub(crate) fn measure<T>(&self, poll: impl FnOnce() -> T) -> T {
        let before = self.cpu.spent_ns();
        let result = self.cpu.measure(poll);
        let (used_ns, present) = (self.cpu.spent_ns() - before, self.present());
        present.iter().for_each(|account| account.cpu.charge(used_ns / present.len() as u64));
        result
    }

    fn is_exceeded(&self) -> bool {
        let present = self.present();
        let each_ns = self.cpu.present_ns() / present.len().max(1) as u64;
        present.is_empty() || present.iter().any(|account| account.cpu.is_exceeded_by(each_ns))
    }

    fn accounts(&self) -> MutexGuard<'_, Vec<Weak<Account>>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

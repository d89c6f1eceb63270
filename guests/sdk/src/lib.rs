//! What a guest of Dormouse needs beyond WASI.
//!
//! # Handlers
//!
//! One macro makes a function the handler of events: [`consumer!`] that of queues' messages, [`schedule!`] that of
//! schedules, [`function!`] that of calls by name; [`websocket!`] takes a type that serves WebSockets. A component has one
//! of each at most, and may answer HTTP requests besides.
//!
//! # What the platform gives
//!
//! Each module is a client: [`queue::send`], [`key_value::open`], [`function::call`], [`secrets::get`],
//! [`variables::get`], [`websocket::publish`]. A version gets what its configuration lists (`sends_to`, `key_value`,
//! `invokes`, `secrets`, and `connections_of` besides its own function's) and nothing else; a call of anything else is
//! refused as undeclared. None of it is there while a version is prepared: an init that asks for it fails the version.
//!
//! # A fast start
//!
//! Name a function with [`init!`], and the platform runs it once, when a version is prepared. What it leaves in
//! memory is the snapshot that every instance of the version begins with:
//!
//! ```ignore
//! static TABLE: std::sync::LazyLock<Table> = std::sync::LazyLock::new(Table::parse);
//!
//! dormouse::init!(prepare);
//!
//! fn prepare() {
//!     std::sync::LazyLock::force(&TABLE);
//! }
//! ```
//!
//! Write it so that it only does early what would be done on first use, as above: where the platform cannot freeze
//! a component, its instances begin without init having run, and the version says why.
//!
//! # What is frozen is shared
//!
//! Every instance, on every machine and after every restart, begins with the same bytes. So:
//!
//! - **Ids, keys, tokens, nonces** that init draws are the same in all instances. Draw them when a request comes,
//!   with [`random`], which asks the host each time.
//! - **Generators of random numbers** that init seeds give the same numbers in all instances: those of a library
//!   that keeps one per thread (`rand::rng()`, `fastrand`) too, once anything in init has used them.
//! - **The keys of `std`'s maps** are drawn once per thread and kept. After an init that made any
//!   [`std::collections::HashMap`] they are the same in all instances; so whoever learns them can aim at all. Use
//!   the maps in [`hash`], which draw new keys in every instance. A map that init filled keeps its own keys.
//! - **Times** that init reads are those of the day the version was prepared, and an [`std::time::Instant`] from
//!   there is of another machine's clock.
//! - **Variables** are not there yet: they belong to the version and not to the component. An init that asks for any
//!   gets no snapshot, since the libraries keep the empty list.
//! - **Streams** are not part of memory. `println!` and `eprintln!` keep theirs open, so an init that prints gets no
//!   snapshot either; use [`log!`].

pub mod cron;
pub mod function;
pub mod hash;
pub mod key_value;
#[doc(hidden)]
pub mod lifecycle;
mod log;
pub mod queue;
pub mod random;
pub mod secrets;
pub mod variables;
pub mod websocket;

#[doc(hidden)]
pub use log::write_line;

/// Whether this instance began from a snapshot, with init having run.
#[must_use]
pub fn is_prepared() -> bool {
    lifecycle::PREPARED.load(std::sync::atomic::Ordering::Relaxed)
}

//! Starts the real platform for the suites and gives them actors.
//!
//! A suite sees what a user sees: the `dormouse` binary as a process, its two listeners and its
//! command line. Nothing here reaches into the server; the stage is set through the public API too.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a stage that cannot be set ends the test, and says why"
)]

mod actor;
mod answer;
mod client;
mod command;
mod costly;
mod guest;
mod people;
mod platform;
mod postgres;
mod process;
mod project;

pub use actor::Actor;
pub use answer::Answer;
pub use client::{Body, Client, Request};
pub use command::{Ran, binary, command};
pub use costly::{burner, unanswering};
pub use guest::{guest, guest_path, repository, try_guest, try_guest_path};
pub use platform::{Builder, Platform};
pub use postgres::Postgres;
pub use process::{Ready, Server};
pub use project::{Project, ProjectBuilder};

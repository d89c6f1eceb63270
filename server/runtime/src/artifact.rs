//! The artifact pipeline: a component goes in, a checked and compiled artifact comes out.
//!
//! Components are other people's files, and a compiler is a large program to feed them to: all of
//! it happens in a child process with limits of its own ([`worker`]). The parent ([`compiler`])
//! starts it, watches it, and seals what it made.

mod cache;
mod compile;
mod compiler;
mod confinement;
mod limits;
pub(crate) mod mac;
mod protocol;
mod refusal;
mod shape;
mod snapshot;
mod trial;
mod worker;
mod world;

pub use compiler::{CacheBounds, Compiler, PrepareError, Prepared, WorkerBounds};
pub use worker::worker_main;

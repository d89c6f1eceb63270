//! All suites in one binary, so that the platform is linked once.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a suite ends where a claim does not hold"
)]
mod api;
mod chaos;
mod cli;
mod components;
mod console;
mod contract;
mod crash;
mod curl;
mod durable;
mod hostile;
mod metrics;
mod publish;
mod readme;
mod runtime;
mod servers;
mod store;
mod traces;
mod triggers;
mod websocket;

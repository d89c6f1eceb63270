//! The control plane over HTTP, as its clients meet it: what it takes, what it refuses, and how it says so.

mod access;
mod ceiling;
mod conditional;
mod connections;
mod document;
mod idempotency;
mod input;
mod paging;
mod queues;
mod schedules;
mod secrets;
mod session;
mod shape;
mod stage;
mod upload;

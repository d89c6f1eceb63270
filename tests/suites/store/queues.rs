//! Queues: what was sent is handed out, once at a time, until it is settled or moves on.

mod claims;
mod groups;
mod letters;
mod redrives;
mod sending;
mod stage;

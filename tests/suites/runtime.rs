//! The runtime with real guests, real instances and a real compile worker.

mod answers;
mod artifacts;
mod cache;
mod capabilities;
mod connections;
pub(crate) mod costly;
mod egress;
mod events;
mod examples;
mod faults;
mod host;
pub(crate) mod init;
pub(crate) mod made;
mod patterns;
mod preview3;
mod provisioned;
mod refusals;
mod reuse;
mod shared;
mod shrinking;
mod snapshots;
mod stage;
mod websockets;
mod worlds;

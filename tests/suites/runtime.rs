//! The runtime with real guests, real instances and a real compile worker.

mod answers;
mod artifacts;
mod cache;
pub(crate) mod costly;
mod egress;
mod events;
mod faults;
pub(crate) mod init;
pub(crate) mod made;
mod preview3;
mod provisioned;
mod refusals;
mod reuse;
mod snapshots;
mod stage;
mod worlds;

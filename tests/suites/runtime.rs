//! The runtime with real guests, real instances and a real compile worker.

mod answers;
mod artifacts;
mod egress;
mod faults;
pub(crate) mod made;
mod preview3;
mod refusals;
mod stage;
mod worlds;

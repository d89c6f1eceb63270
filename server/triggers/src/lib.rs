//! The data plane's ingress: each trigger turns an event from outside into an invocation.
//!
//! It knows protocols, batches and leases, not policy: what answers an event is asked of [`control::Routing`], and how a
//! guest runs is nobody's business here.

pub mod call;
pub mod cron;
pub mod http;
pub mod queue;

mod websocket;

mod drain;

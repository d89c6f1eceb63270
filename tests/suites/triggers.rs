//! The data plane as callers see it: bodies, headers, refusals, routes,
//! connections, instances, and traffic that moves.

mod bodies;
mod calls;
mod connections;
mod headers;
mod instances;
mod loading;
mod order;
mod outbound;
mod queues;
mod refusals;
mod routes;
mod secrets;
pub(crate) mod stage;
mod swaps;

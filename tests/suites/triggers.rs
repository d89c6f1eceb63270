//! The data plane as callers see it: bodies, headers, refusals, routes, connections, and traffic that moves.

mod bodies;
mod connections;
mod headers;
mod outbound;
mod refusals;
mod routes;
pub(crate) mod stage;
mod swaps;

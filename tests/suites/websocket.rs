//! WebSockets as clients see them: a client by hand, over real sockets, against the running platform.

mod client;
mod conformance;
mod examples;
mod handshake;
mod libraries;
mod order;
mod people;
mod stage;

//! WebSockets as clients see them: a client by hand, over real sockets, against the running platform.

mod client;
mod conformance;
mod crowd;
mod examples;
mod handshake;
mod hostile;
mod libraries;
mod limits;
mod order;
mod people;
mod slow;
mod stage;
mod stop;
mod swaps;

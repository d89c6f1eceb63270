//! Functions that misbehave on a real server: each is held to its limits, told apart, and gives back what
//! it took, and the neighbours are served meanwhile.

mod cases;
mod ends;
mod memory;
mod metering;
mod pool;
mod stage;

//! Path patterns, and the router that finds the most specific one for a request.

mod pattern;
mod router;

pub use pattern::PathPattern;
pub use router::{Conflict, Found, Router, Search};

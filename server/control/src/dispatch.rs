//! The data plane's part: which version answers a request, and admission to it.

mod fault;
mod routing;
mod target;

pub use fault::InvokeFault;
pub use routing::{Resolution, Routing};
pub use target::Target;

//! The data plane's part: which version answers a request, admission to it, and its program.

mod draw;
mod fault;
mod home;
mod interned;
mod loaded;
mod preview;
mod publish;
mod rate;
mod record;
mod routing;
mod runnable;
mod shrink;
mod slot;
mod socket;
mod source;
mod table;
mod target;

pub use fault::InvokeFault;
pub(crate) use home::Home;
pub(crate) use record::Cause;
pub(crate) use routing::Plane;
pub use routing::{Resolution, Routing};
pub(crate) use runnable::{Pin, Runnable};
pub use socket::{SocketResolution, SocketTarget};
pub use source::Source;
pub(crate) use table::LiveFunction;
pub use target::Target;

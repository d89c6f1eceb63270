//! Runs guests: turns components into artifacts, loads artifacts, and runs one instance per
//! invocation within limits.
//!
//! It knows nothing of projects, versions, routes or SQL: it is given files, limits and variables,
//! and gives back answers and reports. What a guest does wrong is a [`Report`] or a [`Fault`]; an
//! [`Error`] is ours.

pub mod artifact;

mod account;
mod bindings;
mod body;
mod bounds;
mod call;
mod capability;
mod egress;
mod engine;
mod error;
mod event;
mod function;
mod host;
mod http;
mod instances;
mod invocation;
mod link;
mod linked;
mod logs;
mod memory;
mod meter;
mod pool;
mod program;
mod seat;
mod settings;
mod site;
mod state;
mod ticker;

pub use artifact::mac::MacKey;
pub use body::{Body, BodyError};
pub use call::{Call, Fault, OnEnd, Report};
pub use egress::{Authorities, AuthoritiesError, EgressSettings, Outbound, Resolver, SystemResolver};
pub use error::{Error, LoadError};
pub use event::{
    Batch, Disposition, Failure, Message, Payload, Slot, Socket, SocketAccept, SocketMessage, SocketRefusal,
    SocketRequest,
};
pub use function::Function;
pub use host::{
    ConnectionError, Connections, Host, Invoker, InvokerError, Kept, KeyValue, KeyValueError, NewMessage, Producer,
    ProducerError, Reach, SecretError, Secrets, SocketInfo,
};
pub use instances::on_park;
pub use link::offered_imports;
pub use program::{ArtifactKey, Program, Runtime};
pub use settings::Settings;

//! The use cases of the platform: what may happen, and who may do it.
//!
//! Owns permissions, the order of checks, the background preparation of versions, and the table that
//! the data plane routes by. Knows neither HTTP as the control plane speaks it (no routes, no status
//! codes but those of functions) nor SQL: it talks to `store` and `runtime` and hands out its own records.

mod access;
mod addresses;
mod artifacts;
mod call;
mod caller;
mod config;
mod connection;
mod control;
mod deployment;
mod dispatch;
mod error;
mod function;
mod host;
mod idempotency;
mod invoke;
mod kept;
mod key_file;
mod page;
mod project;
mod queue;
mod schedule;
mod secret;
mod version;

pub use access::{
    Accept, Added, Credential, InvitationPreview, Member, NewToken, SetUpLink, SignedIn, Token, TokenWithSecret,
};
pub use addresses::Addresses;
pub use call::{Call, CallOutcome, Calls, DueCall, NewCall};
pub use caller::{Access, Caller, Principal};
pub use config::ControlConfig;
pub use connection::{
    CloseCause, Closing, Connection, ConnectionCount, ConnectionFilter, ConnectionHistory, ConnectionSeries,
    Connections, Content, Full, NewConnection, Opened, Passed, Traffic, Unreachable, Waiting,
};
pub use control::Control;
pub use deployment::{Change, Changes, Deployment, NewDeployment, RollBack};
pub use dispatch::{InvokeFault, Resolution, Routing, SocketResolution, SocketTarget, Source, Target};
pub use error::Error;
pub use function::{Function, Revision};
pub use idempotency::{Answer, IdempotencyKey, Reservation, Ticket};
pub use invoke::{TestAnswer, TestCall};
pub use page::{Page, PageQuery};
pub use project::Project;
pub use queue::{
    Arrivals, Claim, Claimed, Consumer, Due, LeaseToken, MessageError, NewQueue, NewRedrive, Queue, QueueDepth,
    QueuedMessage, Queues, Redrive, Settled, UpdateQueue,
};
pub use runtime::{Payload, Socket, SocketAccept, SocketMessage, SocketRefusal, SocketRequest};
pub use schedule::{Schedule, Schedules, Slot, SlotRun, TakenSlot};
pub use secrecy::{ExposeSecret, SecretSlice, SecretString};
pub use secret::{Secret, SecretVersion, Secrets};
pub use version::{Component, NewVersion, Reconfiguration, Version};

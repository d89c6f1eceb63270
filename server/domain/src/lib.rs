//! The vocabulary of the platform: ids, names, limits, configurations, rollouts, routes, roles.
//!
//! Pure: no I/O, no async runtime, no clock of its own. It builds for wasm32, so that the console
//! and the command line check names and weights with the same code as the server.

pub mod access;
pub mod call;
pub mod clock;
pub mod configuration;
pub mod connection;
pub mod deployment;
pub mod digest;
pub mod handler;
pub mod id;
pub mod invalid;
pub mod invocation;
pub mod key_value;
pub mod limits;
#[cfg(feature = "manifest")]
pub mod manifest;
pub mod name;
pub mod outbound;
pub mod queue;
pub mod reuse;
pub mod rollout;
pub mod route;
pub mod schedule;
pub mod slot;
pub mod trigger;
pub mod version;

pub use access::{Action, Role};
pub use call::CallState;
pub use clock::{Clock, Entropy, Ids, Timestamp};
pub use configuration::Configuration;
pub use deployment::DeploymentSpec;
pub use digest::Digest;
pub use handler::Handler;
pub use id::Id;
pub use invalid::Invalid;
pub use limits::{Ceiling, Limit, Limits};
pub use name::{
    BucketName, CronName, Email, FunctionName, GroupName, Label, Message, ProjectName, QueueName, SecretName,
};
pub use outbound::OutboundHost;
pub use reuse::Reuse;
pub use rollout::{Split, SplitKey, WeightedVersion};
pub use route::{PathPattern, Router};
pub use slot::{SlotKind, SlotState};
pub use trigger::{CatchUp, CronTrigger, HttpTrigger, Migrate, Overlap, QueueTrigger, Trigger, WebSocketTrigger};
pub use version::{Capability, Failure, Verdict, VersionNumber, VersionState};

//! Where things are kept: rows in SQLite or PostgreSQL, components and artifacts as blobs.
//!
//! Owns the SQL, the migrations and the order of writes; gives out records of `domain` types. Knows
//! neither HTTP nor permissions nor guests, and decides nothing: a function here runs one statement,
//! or the few that belong together.
//!
//! Reading statements are methods of [`Reader`], changing ones of [`Transaction`], which also reads.

mod blob;
mod call;
mod column;
mod component;
mod connection;
mod database;
mod deployment;
mod error;
mod fault;
mod function;
mod idempotency;
mod invitation;
mod key_value;
mod live;
mod member;
mod migration;
mod page;
mod person;
mod project;
mod queue;
mod schedule;
mod secret;
mod session;
mod setting;
mod slot;
mod token;
mod version;
mod writer;

pub use blob::{BlobConfig, BlobReader, Blobs, StoredBlob};
pub use call::{Call, CallEnd, DueCall, NewCall, TypedBytes};
pub use component::Component;
pub use connection::{Reader, Transaction};
pub use database::{Store, StoreConfig};
pub use deployment::{Deployment, NewDeployment};
pub use error::Error;
pub use function::{Function, FunctionOverview};
pub use idempotency::{Answer, Reservation};
pub use invitation::{Grant, Invitation};
pub use key_value::{Bucket, KeyValueUsage, Value};
pub use live::{LiveFunction, Preview, ServedVersion};
pub use member::{Member, Membership};
pub use page::Page;
pub use person::Person;
pub use project::Project;
pub use queue::{
    Claim, ClaimTerms, ConsumedQueue, DueMessages, MessageError, MessagePosition, NewRedrive, Queue, QueueDepth,
    QueuedMessage, Redrive, RedriveStep, SettleTerms, Settled,
};
pub use schedule::{Schedule, ScheduleKey};
pub use secret::Secret;
pub use session::Session;
pub use slot::{Slot, SlotEnd};
pub use token::Token;
pub use version::{NewVersion, Preparation, Version, VersionDeletion};

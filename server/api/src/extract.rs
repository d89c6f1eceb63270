//! What handlers take from a request; each rejection is a [`crate::problem::Problem`] that names what is wrong.

mod caller;
mod json;
mod paging;
mod path;
mod precondition;
mod query;

pub(crate) use caller::{Authenticated, Client, SameOrigin};
pub(crate) use json::{Json, OptionalJson, parse, read_body};
pub(crate) use paging::{Paging, Part};
pub(crate) use path::{
    CallPath, ConnectionPath, DeploymentPath, DeploymentRef, FunctionPath, GroupPath, MemberPath, MessagePath,
    ProjectPath, QueuePath, RedrivePath, SchedulePath, SecretPath, TokenPath, VersionPath,
};
pub(crate) use precondition::IfMatch;
pub(crate) use query::Query;

//! One file for each verb: its arguments, what it asks the platform for, and what it tells.

pub(crate) mod build;
pub(crate) mod calls;
pub(crate) mod completions;
pub(crate) mod connections;
pub(crate) mod cron;
pub(crate) mod deploy;
pub(crate) mod deployments;
pub(crate) mod doctor;
pub(crate) mod init;
pub(crate) mod invoke;
pub(crate) mod limits;
pub(crate) mod manifest;
pub(crate) mod queue;
pub(crate) mod rollback;
pub(crate) mod secrets;
pub(crate) mod tokens;
pub(crate) mod traffic;
pub(crate) mod versions;
pub(crate) mod whoami;

//! What happens to every request before a handler sees it and after it answered.

pub(crate) mod conditional;
pub(crate) mod deadline;
pub(crate) mod host;
pub(crate) mod idempotency;
pub(crate) mod linger;
pub(crate) mod request;
pub(crate) mod security;

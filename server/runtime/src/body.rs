//! Bodies of requests and answers.

pub(crate) mod answer;
pub(crate) mod request;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;

/// A body that streams: of a request on its way to a guest, or of an answer on its way out.
pub type Body = UnsyncBoxBody<Bytes, BodyError>;

/// A body that broke off before its end.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The guest failed while its answer was on its way; the report says why.
    #[error("the function failed while it answered")]
    Guest,
    /// The other side failed: the caller's connection, or the source of the body.
    #[error("the body could not be read")]
    Source(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl BodyError {
    /// Wraps the error of a body's source.
    pub fn source(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Source(error.into())
    }
}

//! What the data plane holds: finds the version that answers a request.

use domain::id::InvocationId;
use http::{HeaderMap, Method};

use super::Target;

/// Finds the version that answers a request. A cheap handle.
#[derive(Clone)]
pub struct Routing {}

/// What was found for a request.
pub enum Resolution {
    /// A version that answers.
    Found(Target),
    /// No project or function is there: 404.
    NoRoute,
    /// Functions are there, but none takes the method; these methods they take: 405.
    MethodNotAllowed(Vec<String>),
    /// It cannot be told now, or the version is not ready: 503.
    Unavailable {
        /// Why, for people.
        message: String,
    },
}

impl Routing {
    /// A new id for an invocation, also of one that will find no route.
    #[must_use]
    pub fn next_invocation(&self) -> InvocationId {
        todo!()
    }

    /// Finds the version that answers a request to `host` (a port is ignored) for `path` (without its query).
    ///
    /// Reads no database, but for a preview of a version that was not called for some time.
    pub async fn resolve(&self, host: &str, method: &Method, path: &str, headers: &HeaderMap) -> Resolution {
        todo!()
    }
}

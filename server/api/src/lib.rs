//! The control plane over HTTP: routes, extractors, problems, the OpenAPI document and the console's files.
//!
//! A handler translates: it extracts, calls one use case of `control` and wraps the answer. Nothing here
//! decides what may happen, and nothing here knows SQL or WebAssembly.

mod config;
mod console;
mod docs;
mod embedded;
mod entity_tag;
mod extract;
mod health;
mod layer;
mod openapi;
mod problem;
mod resource;
mod router;
mod serve;
mod session_cookie;
mod shared;
mod upload;

pub use config::ApiConfig;
pub use openapi::openapi;
pub use router::router;
pub use serve::serve;

use shared::Shared;

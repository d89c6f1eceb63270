//! One page of a list.

use serde::{Deserialize, Serialize};

/// A part of a list, and where the next part starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The items, at most `limit` of them (default 50, at most 200).
    pub items: Vec<T>,
    /// What to pass as `cursor` for the next page; absent at the end. Opaque.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

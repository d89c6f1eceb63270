//! Parts of lists.

use std::{fmt, str::FromStr};

use domain::Invalid;

/// Which part of a list is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageQuery {
    limit: Option<u32>,
    cursor: Option<String>,
}

/// A part of a list, and where the next part starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to pass as cursor for the next page; absent at the end. Opaque.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page of the store's records.
    pub(crate) fn of<R: Into<T>, K: fmt::Display>(page: store::Page<R, K>) -> Self {
        Self {
            items: page.items.into_iter().map(Into::into).collect(),
            next_cursor: page.next.map(|key| key.to_string()),
        }
    }
}

impl PageQuery {
    /// The most items of a page.
    pub const MAX_LIMIT: u32 = 200;
    /// The items of a page where nobody said.
    pub const DEFAULT_LIMIT: u32 = 50;

    /// Asks for at most `limit` items after `cursor`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] for a limit of 0 or above [`Self::MAX_LIMIT`].
    pub fn new(limit: Option<u32>, cursor: Option<String>) -> Result<Self, Invalid> {
        if let Some(limit) = limit
            && !(1..=Self::MAX_LIMIT).contains(&limit)
        {
            return Err(Invalid::new("limit", format!("is {limit}; use 1 to {}", Self::MAX_LIMIT)));
        }
        Ok(Self { limit, cursor })
    }

    pub(crate) fn limit(&self) -> u32 {
        self.limit.unwrap_or(Self::DEFAULT_LIMIT)
    }

    /// The cursor as what the list is sorted by.
    pub(crate) fn after<K: FromStr>(&self) -> Result<Option<K>, Invalid> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let invalid = |_| Invalid::new("cursor", "is not one that this list gave; leave it out to start over");
        cursor.parse().map(Some).map_err(invalid)
    }
}

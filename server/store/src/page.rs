//! Parts of lists, by key: the next part starts behind the last item, so that nothing is skipped or
//! shown twice while rows come and go.

/// A part of a list that is sorted by `K`, and where the next part starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, K> {
    /// The items, at most as many as were asked for.
    pub items: Vec<T>,
    /// The last item's key where more follow: what to pass as `after`.
    pub next: Option<K>,
}

impl<T, K> Page<T, K> {
    /// Makes a page of `items`, which hold one more than `limit` where the list goes on.
    pub(crate) fn cut(mut items: Vec<T>, limit: u32, key: impl FnOnce(&T) -> K) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(key) } else { None };
        Self { items, next }
    }
}

/// How many rows to ask for, to know whether more than `limit` follow.
pub(crate) fn one_more(limit: u32) -> i64 {
    i64::from(limit) + 1
}

/// Sorts behind every id and every name: they are of letters, digits, `_`, `-`, `@` and dots.
pub(crate) const BEHIND_ALL: &str = "~";

//! Entity tags (RFC 9110, section 8.8.3): the digest of what is answered, and of mutable things their revision.

use std::fmt::Display;

use domain::Digest;
use serde::Serialize;

/// The tag of an answer's bytes: strong, the first 128 bits of their SHA-256.
pub(crate) fn of_bytes(bytes: &[u8]) -> String {
    format!("\"{}\"", shortened(bytes))
}

/// The tag of a mutable thing at `revision` that is answered as `value`.
///
/// It changes with the answer, so that no client keeps an old one; what a change must not overwrite is
/// its revision, which [`revision_of`] reads.
pub(crate) fn of_revision<T: Serialize>(revision: impl Display, value: &T) -> String {
    format!("\"{revision}.{}\"", shortened(&serde_json::to_vec(value).unwrap_or_default()))
}

/// The revision in a tag that [`of_revision`] made.
pub(crate) fn revision_of(tag: &str) -> Option<&str> {
    let (revision, _) = tag.strip_prefix('"')?.strip_suffix('"')?.split_once('.')?;
    Some(revision)
}

/// Whether `list`, the value of `If-None-Match`, holds `tag` or is `*`. Weak tags match what they mark.
pub(crate) fn lists(list: &str, tag: &str) -> bool {
    list.split(',').map(str::trim).any(|item| item == "*" || item.strip_prefix("W/").unwrap_or(item) == tag)
}

fn shortened(bytes: &[u8]) -> String {
    let mut digest = Digest::of(bytes).to_string();
    digest.truncate(32);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_a_list() {
        let tag = of_bytes(b"hello");
        assert_eq!(tag.len(), 34);
        assert!(lists(&format!("\"x\", W/{tag}"), &tag) && lists("*", &tag));
        assert!(!lists("\"x\"", &tag) && !lists("", &tag));
    }

    #[test]
    fn a_revision_reads_back_from_its_tag() {
        assert_eq!(revision_of(&of_revision(7, &"value")), Some("7"));
        assert_eq!(revision_of(&of_bytes(b"hello")), None);
    }
}

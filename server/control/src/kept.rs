//! Words of guests and of faults, as far as they are kept.

/// As much of `text` as `most_bytes` hold. Zero bytes are replaced: PostgreSQL's text cannot hold them.
pub(crate) fn kept(mut text: String, most_bytes: usize) -> String {
    text.truncate(text.floor_char_boundary(most_bytes));
    text.replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_between_characters_and_lose_their_zero_bytes() {
        assert_eq!(kept("gr\u{fc}\u{df}".to_owned(), 3), "gr");
        assert_eq!(kept("a\0b".to_owned(), 10), "a\u{fffd}b");
        assert_eq!(kept(String::new(), 0), "");
    }
}

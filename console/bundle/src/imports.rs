//! The names by which the module imports functions of its JavaScript.

use std::collections::{BTreeMap, BTreeSet};

/// How each such name begins.
const PREFIX: &str = "__wbg_";

/// How many hexadecimal digits of a hash end it.
const DIGITS: usize = 16;

/// Replaces the hashes at the ends of names, which no compression makes smaller, by numbers from 0 up for each
/// name, in the module and in its JavaScript alike. All names keep their lengths, so that nothing else moves.
pub(crate) fn number(wasm: &mut [u8], js: &mut String) {
    let names = renamed(js);
    for (name, numbered) in &names {
        *js = js.replace(name, numbered);
    }
    let mut rest = wasm;
    while let Some(start) = rest.windows(PREFIX.len()).position(|window| window == PREFIX.as_bytes()) {
        let (_, from) = rest.split_at_mut(start);
        let length = from.iter().take_while(|byte| is_word(char::from(**byte))).count();
        let (word, behind) = from.split_at_mut(length);
        if let Some(numbered) = str::from_utf8(word).ok().and_then(|word| names.get(word)) {
            word.copy_from_slice(numbered.as_bytes());
        }
        rest = behind;
    }
}

/// The names that end with a hash, each with what it becomes.
fn renamed(js: &str) -> BTreeMap<String, String> {
    let words: BTreeSet<&str> = js.split(|c| !is_word(c)).filter(|word| word.starts_with(PREFIX)).collect();
    let mut seen = BTreeMap::<&str, u32>::new();
    let hashed = words.into_iter().filter_map(|word| {
        let (stem, hash) = word.split_at_checked(word.len().checked_sub(DIGITS)?)?;
        let is_hash = stem.ends_with('_') && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash.then(|| {
            let count = seen.entry(stem).or_default();
            let numbered = format!("{stem}{count:0DIGITS$}");
            *count += 1;
            (word.to_owned(), numbered)
        })
    });
    hashed.collect()
}

/// Whether `c` can be a part of a name.
const fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_lengths_and_stay_apart() {
        let text = "__wbg_get_0123456789abcdef,__wbg_get_fedcba9876543210;__wbg_ptr __wbg_set_00112233445566ff\0";
        let (mut wasm, mut js) = (text.as_bytes().to_vec(), text.to_owned());
        number(&mut wasm, &mut js);
        let numbered = "__wbg_get_0000000000000000,__wbg_get_0000000000000001;__wbg_ptr __wbg_set_0000000000000000\0";
        assert_eq!(js, numbered);
        assert_eq!(wasm, numbered.as_bytes());
    }
}

//! What guests keep by key: the key's shape, and how much a project may keep.

use std::{fmt, str::FromStr};

use crate::Invalid;

/// A key within a bucket.
///
/// Invariant: 1 to [`Self::MAX_BYTES`] bytes without a zero byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// The most bytes of a key.
    pub const MAX_BYTES: usize = 512;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Key {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        if !(1..=Self::MAX_BYTES).contains(&text.len()) {
            return Err(Invalid::new("key", format!("has {} bytes; use 1 to {}", text.len(), Self::MAX_BYTES)));
        }
        if text.contains('\0') {
            return Err(Invalid::new("key", "has a zero byte; leave it out"));
        }
        Ok(Self(text))
    }
}

impl FromStr for Key {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::try_from(text.to_owned())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The most that a project keeps in all of its buckets together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyValueQuota {
    /// Bytes of keys and values.
    pub bytes: u64,
    /// Keys.
    pub keys: u64,
}

impl KeyValueQuota {
    /// The most bytes of one value: 1 MiB.
    pub const MAX_VALUE_BYTES: usize = 1 << 20;
}

impl Default for KeyValueQuota {
    fn default() -> Self {
        Self { bytes: 100 << 20, keys: 100_000 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_keeps_its_bounds() {
        assert!("orders/7 é".parse::<Key>().is_ok());
        assert!("k".repeat(512).parse::<Key>().is_ok());
        for bad in ["", "a\0b", &"k".repeat(513)] {
            assert!(bad.parse::<Key>().is_err_and(|invalid| invalid.field == "key"), "{bad:?}");
        }
    }
}

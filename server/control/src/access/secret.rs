//! Secrets that we make and others carry: 256 random bits, of which we keep the digest only.

use domain::{Digest, Ids};
use secrecy::{ExposeSecret as _, SecretString};

/// What every token's secret starts with, so that scanners of leaked files find it.
const TOKEN_PREFIX: &str = "dm_";

/// A new secret: 64 hexadecimal digits.
pub(crate) fn fresh(ids: &Ids) -> SecretString {
    hex::encode(ids.random::<32>()).into()
}

/// A new secret for a token.
pub(crate) fn fresh_token(ids: &Ids) -> SecretString {
    format!("{TOKEN_PREFIX}{}", hex::encode(ids.random::<32>())).into()
}

/// What is kept of a secret. Plain SHA-256 suffices: nobody can search 256 random bits.
pub(crate) fn digest(secret: &SecretString) -> Digest {
    Digest::of(secret.expose_secret().as_bytes())
}

/// Whether `secret` has a token's shape; others need no look into the store.
pub(crate) fn is_token(secret: &SecretString) -> bool {
    secret.expose_secret().strip_prefix(TOKEN_PREFIX).is_some_and(is_hex)
}

/// Whether `secret` has the shape of [`fresh`].
pub(crate) fn is_fresh(secret: &SecretString) -> bool {
    is_hex(secret.expose_secret())
}

fn is_hex(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

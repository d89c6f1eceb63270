//! How traffic divides between versions.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{Invalid, VersionNumber};

/// A version and its share of the traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "version": 1, "weight": 100 })))]
#[serde(deny_unknown_fields)]
pub struct WeightedVersion {
    /// The version's number.
    pub version: VersionNumber,
    /// Its share in per cent: 1 to 100.
    pub weight: u8,
}

/// What keeps one caller on one version while traffic is split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum SplitKey {
    /// The value of this request header, in lower case.
    Header(String),
    /// The value of this cookie.
    Cookie(String),
}

impl SplitKey {
    /// Checks that the name is one that HTTP allows: 1 to 64 of letters, digits, `-` and `_`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] for `split_key`.
    pub fn check(&self) -> Result<(), Invalid> {
        let (Self::Header(name) | Self::Cookie(name)) = self;
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if !plain || !(1..=64).contains(&name.len()) {
            let message = format!("has the name {name:?}; use 1 to 64 letters, digits, - and _");
            return Err(Invalid::new("split_key", message));
        }
        Ok(())
    }
}

/// One or two versions whose weights sum to 100.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<WeightedVersion>", into = "Vec<WeightedVersion>")]
pub struct Split(Vec<WeightedVersion>);

impl Split {
    /// All traffic to `version`.
    #[must_use]
    pub fn all_to(version: VersionNumber) -> Self {
        Self(vec![WeightedVersion { version, weight: 100 }])
    }

    /// The versions with their weights.
    #[must_use]
    pub fn parts(&self) -> &[WeightedVersion] {
        &self.0
    }

    /// The index into [`Self::parts`] that the point `at` of the circle belongs to.
    ///
    /// Points spread evenly over `u64` give each version its weight.
    #[must_use]
    pub fn index_at(&self, at: u64) -> usize {
        let bucket = u8::try_from(at % 100).unwrap_or(0);
        let first = self.0.first().map_or(100, |part| part.weight);
        usize::from(bucket >= first)
    }
}

/// The point of the circle for a sticky key, the same on every server and after every restart.
///
/// `salt` (the function's id) keeps one caller from being first in line everywhere.
#[must_use]
pub fn sticky_point(salt: &str, key: &[u8]) -> u64 {
    let digest = Sha256::new().chain_update(salt).chain_update([0]).chain_update(key).finalize();
    digest.iter().take(8).fold(0, |point, byte| (point << 8) | u64::from(*byte))
}

impl TryFrom<Vec<WeightedVersion>> for Split {
    type Error = Invalid;

    fn try_from(parts: Vec<WeightedVersion>) -> Result<Self, Invalid> {
        let invalid = |message: String| Err(Invalid::new("versions", message));
        if !matches!(parts.len(), 1 | 2) {
            return invalid(format!("has {} entries; a deployment has one or two versions", parts.len()));
        }
        if let Some(part) = parts.iter().find(|part| part.weight == 0 || part.weight > 100) {
            return invalid(format!("gives {} the weight {}; use 1 to 100", part.version, part.weight));
        }
        if let [first, second] = parts.as_slice()
            && first.version == second.version
        {
            return invalid(format!("names {} twice; give it once with the whole weight", first.version));
        }
        let sum: u32 = parts.iter().map(|part| u32::from(part.weight)).sum();
        if sum != 100 {
            return invalid(format!("has weights that sum to {sum}; make them sum to 100"));
        }
        Ok(Self(parts))
    }
}

impl From<Split> for Vec<WeightedVersion> {
    fn from(split: Split) -> Self {
        split.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(weights: &[u8]) -> Vec<WeightedVersion> {
        let number = |n| VersionNumber(u32::try_from(n).unwrap_or(0) + 1);
        weights.iter().enumerate().map(|(n, weight)| WeightedVersion { version: number(n), weight: *weight }).collect()
    }

    #[test]
    fn weights_must_sum_to_a_hundred() {
        for bad in [&[][..], &[99], &[50, 49], &[60, 60], &[100, 0], &[40, 30, 30], &[101]] {
            assert!(Split::try_from(parts(bad)).is_err(), "{bad:?}");
        }
        assert!(Split::try_from(parts(&[90, 10])).is_ok());
        let twice = vec![WeightedVersion { version: VersionNumber(1), weight: 50 }; 2];
        assert!(Split::try_from(twice).is_err());
    }

    #[test]
    fn sticky_points_fill_the_weights() -> Result<(), Invalid> {
        let split = Split::try_from(parts(&[90, 10]))?;
        let second =
            (0..10_000).filter(|n| split.index_at(sticky_point("fn_x", format!("{n}").as_bytes())) == 1).count();
        assert!((850..1_150).contains(&second), "{second}");
        assert_eq!(sticky_point("a", b"k"), sticky_point("a", b"k"));
        assert_ne!(sticky_point("a", b"k"), sticky_point("b", b"k"));
        Ok(())
    }
}

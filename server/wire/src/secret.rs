//! Secrets: values go in and never come out.

use std::fmt;

use domain::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, de};

/// A secret, without its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Secret {
    /// Its name, such as `API_KEY`.
    pub name: String,
    /// Its versions, newest first, at most 20.
    pub versions: Vec<SecretVersion>,
    /// The functions whose live deployment reads it.
    pub bound: Vec<SecretBinding>,
}

/// One version of a secret, without its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretVersion {
    /// Its id, `sec_…`.
    pub id: String,
    /// Its number within the name: 1, 2, 3…, never used again.
    pub version: u32,
    /// Who wrote it.
    pub created_by: String,
    /// When it was written.
    pub created_at_us: Timestamp,
}

/// A function that reads a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretBinding {
    /// The function.
    pub function: String,
    /// The version of the secret that its live deployment reads.
    pub version: u32,
}

/// Writes a secret. Its own text shows nothing of the value.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetSecret {
    /// The value: 1 byte to 64 KiB.
    #[cfg_attr(feature = "openapi", schema(write_only = true))]
    #[serde(deserialize_with = "unseen")]
    pub value: String,
}

impl fmt::Debug for SetSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetSecret(…)")
    }
}

/// Reads text; a refusal does not repeat what was there instead, which may be the value.
fn unseen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map_err(|_| de::Error::custom("is not text; send a string"))
}

//! What a version runs with, apart from its component: immutable with the version.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Invalid, Limits};

/// Limits and variables of one version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Configuration {
    /// What one invocation may use.
    pub limits: Limits,
    /// Environment variables of the guest: at most 100, names of `A-Z`, `a-z`, `0-9` and `_` that do
    /// not start with a digit, values of at most 4 KiB, 32 KiB in all.
    pub variables: BTreeMap<String, String>,
}

impl Configuration {
    /// Checks limits and variables against their bounds.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the first field out of bounds.
    pub fn check(&self) -> Result<(), Invalid> {
        const MAX_VARIABLES: usize = 100;
        const MAX_VALUE_BYTES: usize = 4 << 10;
        const MAX_TOTAL_BYTES: usize = 32 << 10;
        self.limits.check().map_err(|invalid| invalid.within("limits"))?;
        if self.variables.len() > MAX_VARIABLES {
            let message = format!("has {} entries; a version has at most {MAX_VARIABLES}", self.variables.len());
            return Err(Invalid::new("variables", message));
        }
        let mut total = 0;
        for (name, value) in &self.variables {
            let letters = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if name.is_empty() || name.len() > 128 || !letters || name.starts_with(|c: char| c.is_ascii_digit()) {
                let message = format!("has the name {name:?}; use 1 to 128 of A-Z, a-z, 0-9 and _, no digit first");
                return Err(Invalid::new("variables", message));
            }
            if value.len() > MAX_VALUE_BYTES || value.contains('\0') {
                let message =
                    format!("has {} bytes or a zero byte; a value has at most {MAX_VALUE_BYTES}", value.len());
                return Err(Invalid::new(format!("variables.{name}"), message));
            }
            total += name.len() + value.len();
        }
        if total > MAX_TOTAL_BYTES {
            let message = format!("take {total} bytes; all together have at most {MAX_TOTAL_BYTES}");
            return Err(Invalid::new("variables", message));
        }
        Ok(())
    }
}

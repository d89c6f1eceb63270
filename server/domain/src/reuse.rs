//! Whether and how far an instance serves more than one invocation.

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// Lets instances serve several invocations, one version's only, which saves making them each time.
///
/// Whatever a guest keeps in its memory is then seen by later invocations of the same version. A guest
/// that fails in any way is never used again. A field that is left out takes its default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Reuse {
    /// Invocations that one instance serves before it is thrown away: 1 to 1,000,000. Default 1,000.
    pub max_reuse: u32,
    /// Invocations that one instance serves at a time: 1 to 100. Default 1. Guests of WASI 0.2 take one at
    /// a time whatever this says.
    pub max_concurrency: u32,
    /// How long an instance waits for its next invocation before it is thrown away, in milliseconds: 10 to
    /// 3,600,000. Default 10,000.
    pub idle_timeout_ms: u32,
}

impl Default for Reuse {
    fn default() -> Self {
        Self { max_reuse: 1_000, max_concurrency: 1, idle_timeout_ms: 10_000 }
    }
}

impl Reuse {
    /// Checks every figure against its bounds.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the first field out of bounds.
    pub fn check(&self) -> Result<(), Invalid> {
        let bounds = [
            ("max_reuse", self.max_reuse, 1, 1_000_000),
            ("max_concurrency", self.max_concurrency, 1, 100),
            ("idle_timeout_ms", self.idle_timeout_ms, 10, 3_600_000),
        ];
        for (field, value, least, most) in bounds {
            if value < least || value > most {
                return Err(Invalid::new(field, format!("is {value}; use {least} to {most}")));
            }
        }
        Ok(())
    }
}

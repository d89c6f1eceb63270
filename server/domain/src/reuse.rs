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
    /// Invocations that one instance serves at a time: 1, which is the default. No instance serves several at once.
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
    /// `before`, or the default, with another [`Self::max_reuse`]; none where an instance is to serve once.
    #[must_use]
    pub fn up_to(max_reuse: u32, before: Option<Self>) -> Option<Self> {
        (max_reuse != 1).then(|| Self { max_reuse, ..before.unwrap_or_default() })
    }

    /// What it means, in a few words for people.
    #[must_use]
    pub fn in_words(&self) -> String {
        let Self { max_reuse, idle_timeout_ms, .. } = self;
        format!("each serves up to {max_reuse} invocations and waits up to {idle_timeout_ms} ms for the next")
    }

    /// Checks every figure against its bounds.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the first field out of bounds.
    pub fn check(&self) -> Result<(), Invalid> {
        if self.max_concurrency != 1 {
            let message = format!("is {}; use 1: an instance serves one invocation at a time", self.max_concurrency);
            return Err(Invalid::new("max_concurrency", message));
        }
        let bounds =
            [("max_reuse", self.max_reuse, 1, 1_000_000), ("idle_timeout_ms", self.idle_timeout_ms, 10, 3_600_000)];
        for (field, value, least, most) in bounds {
            if value < least || value > most {
                return Err(Invalid::new(field, format!("is {value}; use {least} to {most}")));
            }
        }
        Ok(())
    }
}

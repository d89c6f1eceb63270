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
    /// Requests that one instance serves at a time: 1 to 100. Default 1. More than one is for HTTP requests to
    /// components of WASI 0.3, which wait for many things at once; all others are served one at a time.
    ///
    /// Those that are served at the same time share the instance's memory and handles, and are billed its CPU time in
    /// equal parts. What it writes goes to the log of the one that came last. What ends the instance ends them all.
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
        let Self { max_reuse, max_concurrency, idle_timeout_ms } = self;
        let at_once = match max_concurrency {
            1 => String::new(),
            most => format!(", up to {most} at once,"),
        };
        format!("each serves up to {max_reuse} invocations{at_once} and waits up to {idle_timeout_ms} ms for the next")
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bound_is_named_where_a_figure_is_beyond_it() {
        assert_eq!(Reuse::default().check(), Ok(()));
        for (reuse, said) in [
            (Reuse { max_reuse: 0, ..Reuse::default() }, "max_reuse: is 0; use 1 to 1000000"),
            (Reuse { max_concurrency: 0, ..Reuse::default() }, "max_concurrency: is 0; use 1 to 100"),
            (Reuse { max_concurrency: 101, ..Reuse::default() }, "max_concurrency: is 101; use 1 to 100"),
            (Reuse { idle_timeout_ms: 9, ..Reuse::default() }, "idle_timeout_ms: is 9; use 10 to 3600000"),
        ] {
            assert_eq!(reuse.check().unwrap_err().to_string(), said);
        }
    }

    #[test]
    fn several_at_once_are_told_where_there_may_be_several() {
        let one = Reuse::default().in_words();
        assert_eq!(one, "each serves up to 1000 invocations and waits up to 10000 ms for the next");
        let several = Reuse { max_concurrency: 8, ..Reuse::default() }.in_words();
        assert_eq!(
            several,
            "each serves up to 1000 invocations, up to 8 at once, and waits up to 10000 ms for the next"
        );
    }
}

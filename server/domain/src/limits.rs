//! What one invocation of a version may use, and the bounds of each figure.

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// The resources that one version's invocations may use.
///
/// A field that is left out takes its default. Bounds are checked by [`Limits::check`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Memory of one instance in MiB, summed over all of its memories: 1 to 4,096. Default 128.
    pub memory_mib: u32,
    /// Wall time of one HTTP invocation in milliseconds, from the request's head to the answer's
    /// end: 10 to 900,000. Default 30,000.
    pub timeout_ms: u32,
    /// CPU time of one invocation in milliseconds: 1 to 900,000. Default 10,000.
    pub cpu_ms: u32,
    /// Invocations that run at once on one server: 1 to 10,000. Default 50. One more answers 429.
    pub concurrency: u32,
    /// Size of one request's body in bytes: at most 1 GiB. Default 104,857,600 (100 MiB). More answers 413.
    pub request_body_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_mib: 128, timeout_ms: 30_000, cpu_ms: 10_000, concurrency: 50, request_body_bytes: 100 << 20 }
    }
}

impl Limits {
    /// Checks every figure against its bounds.
    ///
    /// # Errors
    ///
    /// [`Invalid`] that names the first field out of bounds.
    pub fn check(&self) -> Result<(), Invalid> {
        let bounds: [(&str, u64, u64, u64); 5] = [
            ("memory_mib", self.memory_mib.into(), 1, 4_096),
            ("timeout_ms", self.timeout_ms.into(), 10, 900_000),
            ("cpu_ms", self.cpu_ms.into(), 1, 900_000),
            ("concurrency", self.concurrency.into(), 1, 10_000),
            ("request_body_bytes", self.request_body_bytes, 0, 1 << 30),
        ];
        for (field, value, least, most) in bounds {
            if value < least || value > most {
                return Err(Invalid::new(field, format!("is {value}; use {least} to {most}")));
            }
        }
        Ok(())
    }

    /// Memory of one instance in bytes.
    #[must_use]
    pub const fn memory_bytes(&self) -> usize {
        (self.memory_mib as usize) << 20
    }
}

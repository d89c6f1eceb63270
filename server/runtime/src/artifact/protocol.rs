//! What parent and worker say to each other: one request on standard input, lines on standard output.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use domain::{Failure, Verdict};
use serde::{Deserialize, Serialize};

use super::confinement::Held;

/// What the worker is to do, and within which limits.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    /// The component's file.
    pub(super) component: PathBuf,
    /// The file that the artifact is written to.
    pub(super) artifact: PathBuf,
    /// Whether handlers of WASI 0.3 are taken.
    pub(super) preview3: bool,
    /// Whether the code is to be optimised.
    pub(super) optimise: bool,
    /// CPU time, in seconds.
    pub(super) cpu_seconds: u64,
    /// Address space, in bytes.
    pub(super) memory_bytes: u64,
    /// CPU time of the component's init, in milliseconds.
    pub(super) init_ms: u64,
    /// Where compiled functions are kept; nowhere where absent.
    pub(super) cache: Option<CacheRequest>,
}

/// How the worker uses the cache of compiled functions.
#[derive(Serialize, Deserialize)]
pub(super) struct CacheRequest {
    /// Its folder.
    pub(super) folder: PathBuf,
    /// The key that its entries are sealed with, as hexadecimal digits.
    pub(super) key: String,
    /// What one worker may add, in bytes on disk.
    pub(super) most_bytes: u64,
}

impl fmt::Debug for CacheRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheRequest").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// What the worker tells, as one line of JSON each; the last one is the end.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub(super) enum Line {
    /// The worker has shut itself in, before it looks at the component.
    Held {
        /// What holds.
        by: Held,
    },
    /// A step is done.
    Step {
        /// Its name.
        name: String,
    },
    /// The artifact is written.
    Done {
        /// What was found in the component.
        verdict: Verdict,
    },
    /// The component is at fault.
    Refused {
        /// Why.
        failure: Failure,
    },
    /// The machine is at fault.
    Broken {
        /// What failed.
        message: String,
    },
}

/// Where an artifact is written before it has its name.
pub(super) fn partial(artifact: &Path) -> PathBuf {
    artifact.with_added_extension("partial")
}

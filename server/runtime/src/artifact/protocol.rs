//! What parent and worker say to each other: one request on standard input, lines on standard output.

use std::path::{Path, PathBuf};

use domain::{Failure, Verdict};
use serde::{Deserialize, Serialize};

/// What the worker is to do, and within which limits.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    /// The component's file.
    pub(super) component: PathBuf,
    /// Where the artifact goes.
    pub(super) artifact: PathBuf,
    /// Whether handlers of WASI 0.3 are taken.
    pub(super) preview3: bool,
    /// CPU time, in seconds.
    pub(super) cpu_seconds: u64,
    /// Address space, in bytes.
    pub(super) memory_bytes: u64,
}

/// What the worker tells, as one line of JSON each; the last line is not a step.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub(super) enum Line {
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
